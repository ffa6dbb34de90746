// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.conformance;

import java.util.List;

/**
 * What came of one case. Immutable.
 *
 * @param description the case
 * @param outcome which of the three
 * @param expected with FAIL: what should have come
 * @param came with FAIL: what came; with SKIP: why the case does not apply
 * @param elapsedMs how long it took, in milliseconds
 * @param conversation what was said and heard, in order
 */
public record CaseResult(
        Case description, Outcome outcome, String expected, String came, long elapsedMs, List<String> conversation) {
    /** The shape of a result. */
    public enum Outcome {
        /** It holds. */
        PASS,
        /** It does not. */
        FAIL,
        /** It does not apply to this deployment. */
        SKIP
    }
}
