// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import io.faultline.model.Access;
import io.faultline.model.Privilege;
import io.faultline.model.Refusal;

/**
 * One vCPU of a {@link VirtualMachine}: decides its faults one after the other, and holds its works, tokens and control
 * block. Verdict inputs of an old epoch have no effect and are counted. Owned by the VM's thread.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class Vcpu {
    /** How many faults may wait while the vCPU stands still; the next one fails with OVERLOADED. */
    public static final int WAITING_FAULTS_MAX = 1024;

    Vcpu() {}

    /** Where a vCPU is. */
    public enum State {
        /** In the guest. */
        RUNNING,
        /** A publication of its last fault is not decided yet. */
        AWAITING_VERDICT,
        /** Waits for a page. */
        STANDING_STILL
    }

    /** The vCPU's id. */
    public int id() {
        throw new UnsupportedOperationException();
    }

    /** The vCPU's epoch. */
    public long epoch() {
        throw new UnsupportedOperationException();
    }

    /** Where it is. */
    public State state() {
        throw new UnsupportedOperationException();
    }

    /**
     * A stage-2 fault. Decided at once, or after the faults before it when the vCPU stands still.
     *
     * @param faultRef the caller's name for it
     * @param ipa the intermediate physical address, in bytes
     */
    public void raise(long faultRef, long ipa, Access access, Privilege privilege, boolean prefault, long nowNs) {
        throw new UnsupportedOperationException();
    }

    /** The guest's vendor hypercall; {@code configured} answers, maybe at once. */
    public void hypercall(long requestId, int function, int argument2, int argument3, long nowNs) {
        throw new UnsupportedOperationException();
    }

    /** The VMM's {@code KVM_ARM_ASYNC_PF_COMMAND}; {@code configured} answers, maybe at once. */
    public void ioctl(long requestId, int command, long value, long nowNs) {
        throw new UnsupportedOperationException();
    }

    /** Verdict CREATED. */
    public void created(long epoch, long nowNs) {
        throw new UnsupportedOperationException();
    }

    /** Verdict ARMED. */
    public void armed(long epoch, long nowNs) {
        throw new UnsupportedOperationException();
    }

    /** Verdict ACCEPTED: the publication holds. */
    public void accepted(long epoch, int token, long nowNs) {
        throw new UnsupportedOperationException();
    }

    /** Verdict REFUSED: of a publication with its token, of a creation or arming with token 0. */
    public void refused(long epoch, int token, Refusal refusal, long nowNs) {
        throw new UnsupportedOperationException();
    }

    /** Verdict CANCELLED: the guest was never told of the token. */
    public void cancelled(long epoch, int token, long nowNs) {
        throw new UnsupportedOperationException();
    }

    /** Verdict READY: page-ready is published for the token or for all. */
    public void ready(long epoch, int token, long nowNs) {
        throw new UnsupportedOperationException();
    }

    /** Verdict STALE: the notifier holds another epoch than the command with this one and this token had. */
    public void stale(long epoch, int token, long nowNs) {
        throw new UnsupportedOperationException();
    }

    /** Verdict UNKNOWN: the notifier does not know the vCPU, or the token. */
    public void unknown(long epoch, int token, long nowNs) {
        throw new UnsupportedOperationException();
    }

    /** Verdict ALREADY: the token was completed before. Only counted. */
    public void already(long epoch, int token, long nowNs) {
        throw new UnsupportedOperationException();
    }

    /** News GUEST_DETACHED: the vCPU is disarmed there, so it is disabled here. */
    public void guestDetached(long epoch, long nowNs) {
        throw new UnsupportedOperationException();
    }
}
