// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit.verify;

import io.faultline.proto.audit.v1.AuditStep;
import java.util.ArrayList;
import java.util.List;

/** Counts what is wrong and keeps the first of it in words. Owned by the auditor. */
final class Findings {
    private final int detailsMax;
    private final List<Violation> details = new ArrayList<>();
    private long violations;
    private long gaps;
    private long missingSteps;

    Findings(int detailsMax) {
        this.detailsMax = detailsMax;
    }

    /** A step broke a rule. */
    void violation(Rule rule, Chain chain, AuditStep step, String what) {
        violation(rule, chain, step.getToken(), step.getSequence(), what);
    }

    /** Something about a chain's vCPU broke a rule. */
    void violation(Rule rule, Chain chain, int token, long sequence, String what) {
        violation(new Violation(rule, chain.source(), chain.vmId(), chain.vcpuId(), token, sequence, what));
    }

    void violation(Violation violation) {
        violations++;
        keep(violation);
    }

    /** A chain's numbers jump at this step. */
    void gap(Chain chain, AuditStep step, long expected) {
        gaps++;
        long missing = step.getSequence() - expected;
        missingSteps += missing;
        keep(new Violation(
                Rule.NO_GAP,
                chain.source(),
                chain.vmId(),
                chain.vcpuId(),
                step.getToken(),
                step.getSequence(),
                missing + (missing == 1 ? " step is" : " steps are") + " missing before this one"));
    }

    private void keep(Violation violation) {
        if (details.size() < detailsMax) {
            details.add(violation);
        }
    }

    long violations() {
        return violations;
    }

    long gaps() {
        return gaps;
    }

    long missingSteps() {
        return missingSteps;
    }

    List<Violation> details() {
        return List.copyOf(details);
    }
}
