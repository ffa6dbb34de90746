// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit.verify;

import io.faultline.model.StepKind;
import io.faultline.proto.audit.v1.AuditStep;

/** The steps of one vCPU in one plane and one life of a service, checked in their order. Owned by the auditor. */
abstract sealed class Chain permits FaultChain, NotificationChain {
    /** What tells chains apart. */
    record Key(String source, long incarnation, long vmId, int vcpuId) {}

    final Findings findings;
    final VcpuJoin join;
    private final Key key;
    private long lastSequence;
    private long lastEpoch;
    private long lastTimeUs;
    private boolean open;

    Chain(Key key, VcpuJoin join, Findings findings) {
        this.key = key;
        this.join = join;
        this.findings = findings;
    }

    /** Takes the chain's next step. */
    final void accept(AuditStep step, StepKind kind) {
        if (!isNext(step, kind)) {
            return;
        }
        lastSequence = step.getSequence();
        lastTimeUs = step.getTimeUnixUs();
        if (kind == StepKind.OPENED) {
            open = true;
            lastEpoch = 0;
        } else if (!open) {
            findings.violation(
                    lastSequence == 1 ? Rule.CHAIN_OPENED : Rule.CHAIN_CLOSED,
                    this,
                    step,
                    kind + " in a chain that " + (lastSequence == 1 ? "has no OPENED" : "is closed"));
            open = true;
        }
        if (step.getEpoch() < lastEpoch) {
            findings.violation(
                    Rule.EPOCH_GROWS,
                    this,
                    step,
                    kind + " has epoch " + step.getEpoch() + ", the step before it " + lastEpoch);
        }
        lastEpoch = Math.max(lastEpoch, step.getEpoch());
        process(step, kind);
        if (kind == StepKind.CLOSED) {
            open = false;
        }
    }

    /** Whether the step goes on with the chain; one that came before, or is out of its place, does not. */
    private boolean isNext(AuditStep step, StepKind kind) {
        long sequence = step.getSequence();
        if (kind == StepKind.OPENED) {
            return isOpening(step);
        }
        if (sequence <= lastSequence) {
            findings.violation(Rule.NO_REPEAT, this, step, kind + " repeats a number: the chain is at " + lastSequence);
            return false;
        }
        if (sequence != lastSequence + 1) {
            findings.gap(this, step, lastSequence + 1);
            // Without its beginning the chain is as good as open; the gap has been said.
            open = true;
        }
        return true;
    }

    /**
     * A vCPU that is registered again in the same life of a service begins again at 1. A copy of the old OPENED is told
     * from that by its time: a source's clock does not go back.
     */
    private boolean isOpening(AuditStep step) {
        boolean isNew = lastSequence == 0 || (!open && step.getTimeUnixUs() >= lastTimeUs);
        if (step.getSequence() != 1) {
            findings.violation(
                    Rule.CHAIN_OPENED, this, step, "OPENED is number " + step.getSequence() + " (expected: 1)");
            return false;
        }
        if (!isNew) {
            findings.violation(Rule.NO_REPEAT, this, step, "OPENED comes again: the chain is at " + lastSequence);
        }
        return isNew;
    }

    /** Takes a step that is in its place. */
    abstract void process(AuditStep step, StepKind kind);

    /** How many faults or tokens the chain holds. */
    abstract int inFlight();

    /** Says what is missing at the end of the trail. */
    abstract void finish();

    final void wrongPlane(AuditStep step, StepKind kind) {
        findings.violation(Rule.KIND_OF_PLANE, this, step, kind + " is not a step of " + key.source());
    }

    final boolean isOpen() {
        return open;
    }

    final String source() {
        return key.source();
    }

    final long vmId() {
        return key.vmId();
    }

    final int vcpuId() {
        return key.vcpuId();
    }
}
