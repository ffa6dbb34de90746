// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.model;

/**
 * Numbers the audit steps of one vCPU in one plane: 1, 2, 3 … without a gap, so that a lost or doubled step shows.
 * Owned by the thread that owns the vCPU; all chains of a plane's loop may share one carrier.
 */
public final class AuditChain {
    private final long vmId;
    private final int vcpuId;
    private final AuditStep carrier;
    private long sequence;

    /** A chain that has no step yet; {@code carrier} is filled by each {@link #next}. */
    public AuditChain(long vmId, int vcpuId, AuditStep carrier) {
        this.vmId = vmId;
        this.vcpuId = vcpuId;
        this.carrier = carrier;
    }

    /** The carrier, holding the chain's next number, the kind and the epoch, everything else cleared. */
    public AuditStep next(StepKind kind, long epoch) {
        AuditStep step = carrier;
        step.vmId = vmId;
        step.vcpuId = vcpuId;
        step.sequence = ++sequence;
        step.kind = kind;
        step.epoch = epoch;
        step.token = Token.NONE;
        step.gfn = 0;
        step.detail = 0;
        step.cause = 0;
        return step;
    }

    /** The number of the last step, 0 before the first. */
    public long lastSequence() {
        return sequence;
    }
}
