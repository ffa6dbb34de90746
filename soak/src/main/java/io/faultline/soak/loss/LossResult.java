// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.loss;

import io.faultline.audit.verify.AuditReport;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What came of one loss. Immutable.
 *
 * @param name the loss
 * @param words the same for a person
 * @param skipped why it was not tried; null when it was
 * @param figures what was measured; null when it was not tried, or did not come so far
 * @param audit what the auditor found; null likewise
 * @param broken what must hold and did not, in words
 */
public record LossResult(
        String name,
        String words,
        @Nullable String skipped,
        @Nullable Figures figures,
        @Nullable AuditReport audit,
        List<String> broken) {
    /**
     * What was measured, of all guests together.
     *
     * @param faults faults with an outcome
     * @param inFlight accesses that were not done when the part was lost
     * @param told faults whose client was told that it would hear no more of them
     * @param awayS from the loss until the part worked again, in seconds
     * @param lastAfterLossS from the loss until the last of the accesses begun before the return was done, in seconds
     * @param lastAfterReturnS likewise from the return; 0 when all were done by then
     * @param standstillS the longest that a vCPU stood still, in seconds
     * @param wakeAlls wake-all interrupts that guests took, those of their boots included
     * @param readBackPages pages read back in the end
     */
    public record Figures(
            long faults,
            long inFlight,
            long told,
            double awayS,
            double lastAfterLossS,
            double lastAfterReturnS,
            double standstillS,
            long wakeAlls,
            long readBackPages) {}

    /** Copies the list. */
    public LossResult {
        broken = List.copyOf(broken);
    }

    static LossResult skipped(Scenario scenario, String why) {
        return new LossResult(scenario.name(), scenario.words(), why, null, null, List.of());
    }

    /** Whether it was tried and everything that must hold did. */
    public boolean hasHeld() {
        return skipped == null && broken.isEmpty();
    }
}
