// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.message;

import io.faultline.model.Refusal;
import io.faultline.model.Token;
import io.faultline.notifier.domain.Verdict;
import io.faultline.notifier.domain.VerdictKind;

/**
 * A notifier's verdict on its way to the fault plane.
 *
 * @param kind what is so now
 * @param vmId the VM
 * @param vcpuId the vCPU
 * @param epoch the epoch that it is about
 * @param token the token, or {@link Token#NONE}
 * @param refusal why, when refused
 */
public record Ruling(VerdictKind kind, long vmId, int vcpuId, long epoch, int token, Refusal refusal) {
    /** Copies a verdict. */
    public static Ruling of(Verdict verdict) {
        return new Ruling(
                verdict.kind(), verdict.vmId(), verdict.vcpuId(), verdict.epoch(), verdict.token(), verdict.refusal());
    }

    /** The same ruling of another epoch. */
    public Ruling withEpoch(long newEpoch) {
        return new Ruling(kind, vmId, vcpuId, newEpoch, token, refusal);
    }

    @Override
    public String toString() {
        return kind + " vcpu " + vmId + "/" + vcpuId + " epoch " + epoch
                + (token == Token.NONE ? "" : " token " + Token.format(token))
                + (refusal == Refusal.NONE ? "" : " because " + refusal);
    }
}
