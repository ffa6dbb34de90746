// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import io.faultline.model.Refusal;
import io.faultline.model.Token;

/**
 * The answer to a command, or news of a guest, on its way to the vCPU's owner. A reusable carrier: the receiver copies what
 * it needs before it returns. Owned by the loop's thread.
 */
public final class Verdict {
    private VerdictKind kind = VerdictKind.NONE;
    private long vmId;
    private int vcpuId;
    private long epoch;
    private int token;
    private Refusal refusal = Refusal.NONE;
    private long cause;

    Verdict() {}

    Verdict begin(VerdictKind kind, long vmId, int vcpuId, long epoch) {
        this.kind = kind;
        this.vmId = vmId;
        this.vcpuId = vcpuId;
        this.epoch = epoch;
        token = Token.NONE;
        refusal = Refusal.NONE;
        cause = 0;
        return this;
    }

    Verdict token(int token) {
        this.token = token;
        return this;
    }

    Verdict refusal(Refusal refusal) {
        this.refusal = refusal;
        return this;
    }

    Verdict cause(long cause) {
        this.cause = cause;
        return this;
    }

    /** What is so now. */
    public VerdictKind kind() {
        return kind;
    }

    /** The VM. */
    public long vmId() {
        return vmId;
    }

    /** The vCPU. */
    public int vcpuId() {
        return vcpuId;
    }

    /** The epoch that the verdict is about. */
    public long epoch() {
        return epoch;
    }

    /** The token, or {@link Token#NONE}. */
    public int token() {
        return token;
    }

    /** Why, when refused. */
    public Refusal refusal() {
        return refusal;
    }

    /** The sequence number of the audit step that the verdict reports, or 0. */
    public long cause() {
        return cause;
    }
}
