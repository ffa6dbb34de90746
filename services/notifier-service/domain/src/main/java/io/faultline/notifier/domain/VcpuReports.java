// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import io.faultline.model.AuditChain;
import io.faultline.model.Refusal;
import io.faultline.model.StepKind;
import io.faultline.model.Token;
import org.jspecify.annotations.Nullable;

/**
 * Who hears about one vCPU, and how: verdicts go to its owner while it has one, steps to the audit trail, events to its
 * guest while one is attached. Knows the epoch that all of them carry. Owned by the machine's thread.
 */
final class VcpuReports {
    private final Outbox out;
    private final AuditChain chain;
    private final long vmId;
    private final int vcpuId;
    private long epoch;
    private @Nullable OwnerSession owner;
    private @Nullable GuestSession guest;

    VcpuReports(long vmId, int vcpuId, Outbox out) {
        this.vmId = vmId;
        this.vcpuId = vcpuId;
        this.out = out;
        chain = new AuditChain(vmId, vcpuId, out.step());
    }

    /** Audits a step without a token; its number. */
    long step(StepKind kind) {
        return out.audit(chain.next(kind, epoch));
    }

    /** Audits a step about a token; its number. */
    long step(StepKind kind, int token, long cause) {
        return out.audit(chain.next(kind, epoch).token(token).cause(cause));
    }

    /** Tells the owner about the vCPU; {@code step} is the audit step that this reports, or 0. */
    void verdict(VerdictKind kind, long step) {
        verdict(kind, Token.NONE, step);
    }

    /** Tells the owner about a token. */
    void verdict(VerdictKind kind, int token, long step) {
        if (owner != null) {
            out.verdict(kind, vmId, vcpuId, epoch).token(token).cause(step);
            out.send(owner.port());
        }
    }

    /** Tells the owner that a command of the vCPU's epoch did not happen. */
    void refused(int token, Refusal refusal) {
        if (owner != null) {
            out.verdict(VerdictKind.REFUSED, vmId, vcpuId, epoch).token(token).refusal(refusal);
            out.send(owner.port());
        }
    }

    /** Begins an event for the guest; {@link #send} hands it over. */
    HostEvent event(HostEventKind kind) {
        return out.event(kind, vcpuId);
    }

    void send() {
        if (guest != null) {
            out.send(guest.port());
        }
    }

    /** Whether a guest is attached and its connection is not congested. */
    boolean canTellGuest() {
        return guest != null && guest.port().isWritable();
    }

    long vmId() {
        return vmId;
    }

    int vcpuId() {
        return vcpuId;
    }

    long epoch() {
        return epoch;
    }

    void epoch(long newEpoch) {
        epoch = newEpoch;
    }

    @Nullable
    OwnerSession owner() {
        return owner;
    }

    void owner(@Nullable OwnerSession newOwner) {
        owner = newOwner;
    }

    @Nullable
    GuestSession guest() {
        return guest;
    }

    void guest(@Nullable GuestSession newGuest) {
        guest = newGuest;
    }
}
