// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit.verify;

import io.faultline.model.StepKind;
import java.util.List;
import java.util.Map;

/**
 * What the auditor found.
 *
 * @param records records read
 * @param replayedRecords those of them that came again out of a spool; the first of each counts
 * @param steps steps in them
 * @param chains chains of steps: one for each vCPU, plane and life of a service
 * @param openChains those of them that have no CLOSED yet
 * @param gaps places where a chain's numbers jump
 * @param lost what is missing there, and what services say of it
 * @param violations breaches of rules, gaps not counted
 * @param stepsByKind how often each kind of step came
 * @param details the first gaps and violations
 */
public record AuditReport(
        long records,
        long replayedRecords,
        long steps,
        int chains,
        int openChains,
        long gaps,
        Lost lost,
        long violations,
        Map<StepKind, Long> stepsByKind,
        List<Violation> details) {
    /**
     * Steps that the trail lacks.
     *
     * @param missing numbers that chains jump over
     * @param dropped steps that services say they had to drop, those of a chain's end included
     */
    public record Lost(long missing, long dropped) {
        /** Nothing. */
        public static final Lost NOTHING = new Lost(0, 0);
    }

    /** Whether the trail is whole and every rule was kept. */
    public boolean holds() {
        return gaps == 0 && violations == 0;
    }

    /** How often a kind of step came. */
    public long count(StepKind kind) {
        return stepsByKind.getOrDefault(kind, 0L);
    }
}
