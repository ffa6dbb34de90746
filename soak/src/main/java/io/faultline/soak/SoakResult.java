// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak;

import io.faultline.audit.verify.AuditReport;
import io.faultline.soak.course.Course;
import io.faultline.soak.strike.StrikeRecord;
import java.util.List;

/**
 * What came of a soak. Immutable.
 *
 * @param settings what was asked for
 * @param elapsedS how long guests were at work, in seconds
 * @param counts what they did, all of them together
 * @param strikes what was survived
 * @param meters what vcpu-service counted
 * @param longestStandstillS the longest time in which a guest at work saw none of its faults end, in seconds
 * @param course what the services took meanwhile
 * @param audit what the auditor found in the whole trail
 * @param broken what must hold and did not, in words
 */
public record SoakResult(
        SoakSettings settings,
        double elapsedS,
        SoakCounts counts,
        List<StrikeRecord> strikes,
        VcpuMeters meters,
        double longestStandstillS,
        Course course,
        AuditReport audit,
        List<String> broken) {
    /** Copies the lists. */
    public SoakResult {
        strikes = List.copyOf(strikes);
        broken = List.copyOf(broken);
    }

    /** Whether everything that must hold did. */
    public boolean hasHeld() {
        return broken.isEmpty();
    }
}
