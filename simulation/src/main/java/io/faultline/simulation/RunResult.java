// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation;

import io.faultline.simulation.check.Invariant;
import io.faultline.simulation.check.Tally;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What came of one run.
 *
 * @param seed its seed
 * @param steps events that happened
 * @param virtualNs how long it lasted in virtual time, in nanoseconds
 * @param digest what stands for every word of its journal
 * @param tally what happened how often
 * @param broken the invariant that did not hold, or null
 * @param failure what was seen against it, or empty
 * @param lastWords the journal's last lines
 */
public record RunResult(
        long seed,
        long steps,
        long virtualNs,
        long digest,
        Tally tally,
        @Nullable Invariant broken,
        String failure,
        List<String> lastWords) {
    /** Whether everything held. */
    public boolean held() {
        return failure.isEmpty();
    }
}
