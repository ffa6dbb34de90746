// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.message;

import io.faultline.model.Tier;

/**
 * A pager's answer.
 *
 * @param kind what came of the request
 * @param requestId the request
 * @param tier where the page was found
 * @param stamp with DATA what the page holds, else 0
 */
public record PageReply(Kind kind, long requestId, Tier tier, long stamp) {
    /** What came of a request. */
    public enum Kind {
        DATA,
        ZERO,
        ABSENT,
        CORRUPT,
        UNAVAILABLE,
        STORED
    }

    @Override
    public String toString() {
        return kind + " to request " + requestId + (kind == Kind.DATA ? " stamp " + stamp : "");
    }
}
