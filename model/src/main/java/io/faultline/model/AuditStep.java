// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.model;

/**
 * One step of the audit trail on its way out of a domain. A reusable carrier, so that a step costs no object: an {@link
 * AuditChain} fills it, the receiver copies what it needs before it returns. Owned by the chain's thread.
 */
public final class AuditStep {
    long vmId;
    int vcpuId;
    long sequence;
    StepKind kind = StepKind.NONE;
    long epoch;
    int token;
    long gfn;
    int detail;
    long cause;

    /** Sets the token, {@link Token#NONE} where there is none. */
    public AuditStep token(int token) {
        this.token = token;
        return this;
    }

    /** Sets the guest frame number. */
    public AuditStep gfn(long gfn) {
        this.gfn = gfn;
        return this;
    }

    /** Sets the code of the reason, source or resolution that belongs to the kind. */
    public AuditStep detail(int code) {
        this.detail = code;
        return this;
    }

    /** Sets the sequence number of the step that this one follows from; which chain it counts in depends on the kind. */
    public AuditStep cause(long sequence) {
        this.cause = sequence;
        return this;
    }

    /** The VM. */
    public long vmId() {
        return vmId;
    }

    /** The vCPU. */
    public int vcpuId() {
        return vcpuId;
    }

    /** The step's place in its chain, from 1. */
    public long sequence() {
        return sequence;
    }

    /** What happened. */
    public StepKind kind() {
        return kind;
    }

    /** The vCPU's epoch at the step. */
    public long epoch() {
        return epoch;
    }

    /** The token, or {@link Token#NONE}. */
    public int token() {
        return token;
    }

    /** The guest frame number, or 0. */
    public long gfn() {
        return gfn;
    }

    /** The code of a reason, source or resolution, or 0. */
    public int detail() {
        return detail;
    }

    /** The sequence number of the causing step, or 0. */
    public long cause() {
        return cause;
    }
}
