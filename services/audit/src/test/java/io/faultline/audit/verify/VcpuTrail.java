// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit.verify;

import io.faultline.model.FailReason;
import io.faultline.model.Resolution;
import io.faultline.model.StepKind;
import io.faultline.model.SyncReason;
import io.faultline.model.Token;
import io.faultline.proto.audit.v1.AuditStep;

/** Writes one vCPU's steps in both planes; each method adds one step and returns its number. */
final class VcpuTrail {
    private final Trail trail;
    private final long vmId;
    private final int vcpuId;
    private long faultSequence;
    private long notificationSequence;
    long faultEpoch;
    long notificationEpoch;

    VcpuTrail(Trail trail, long vmId, int vcpuId, long epoch) {
        this.trail = trail;
        this.vmId = vmId;
        this.vcpuId = vcpuId;
        faultEpoch = epoch;
        notificationEpoch = epoch;
    }

    /** Both chains begin, a guest attaches, asynchronous faults are on, every task was woken. */
    VcpuTrail open() {
        fault(StepKind.OPENED, Token.NONE, 0, 0);
        notification(StepKind.OPENED, Token.NONE, 0);
        notification(StepKind.GUEST_ATTACHED, Token.NONE, 0);
        enable();
        return this;
    }

    void enable() {
        notificationEpoch = ++faultEpoch;
        fault(StepKind.ENABLED, Token.NONE, 0, 0);
        notification(StepKind.ENABLED, Token.NONE, 0);
        acknowledged(Token.WAKE_ALL, notification(StepKind.WOKE_ALL, Token.WAKE_ALL, 0));
    }

    void close() {
        fault(StepKind.CLOSED, Token.NONE, 0, 0);
        notification(StepKind.CLOSED, Token.NONE, 0);
    }

    /** The numbers begin again, as when the VM is registered once more. */
    void registerAgain() {
        faultSequence = 0;
        notificationSequence = 0;
        faultEpoch += 1_000;
        notificationEpoch = faultEpoch;
    }

    /** The notifier was killed and started again, and the vCPU is armed there anew. */
    void restartNotifier() {
        trail.restartNotifier();
        notificationSequence = 0;
        faultEpoch++;
        notificationEpoch = faultEpoch;
        notification(StepKind.OPENED, Token.NONE, 0);
        enable();
    }

    /** The vcpu-service was killed and started again, and the VM is registered there anew. */
    void restartFaultPlane() {
        trail.restartFaultPlane();
        faultSequence = 0;
        faultEpoch += 1_000;
        fault(StepKind.OPENED, Token.NONE, 0, 0);
        enable();
    }

    int token(int number) {
        return Token.of(number, vcpuId);
    }

    long raised() {
        return fault(StepKind.RAISED, Token.NONE, 0, 0);
    }

    long published(int token, long raised) {
        return fault(StepKind.PUBLISHED, token, 0, raised);
    }

    long refused(int token, long raised) {
        return fault(StepKind.REFUSED, token, 5, raised);
    }

    long installed(int token, long raised) {
        return fault(StepKind.INSTALLED, token, 4, raised);
    }

    long fetchFailed(int token, long raised) {
        return fault(StepKind.FETCH_FAILED, token, FailReason.PAGE_ABSENT.code(), raised);
    }

    long mapped(long raised) {
        return fault(StepKind.MAPPED, Token.NONE, SyncReason.PE_MASKED.code(), raised);
    }

    long resolved(int token, Resolution resolution, long raised) {
        return fault(StepKind.RESOLVED, token, resolution.code(), raised);
    }

    long failed(int token, FailReason reason, long raised) {
        return fault(StepKind.FAILED, token, reason.code(), raised);
    }

    long delivered(int token, long published) {
        return notification(StepKind.DELIVERED, token, published);
    }

    long cancelled(int token, long installed) {
        return notification(StepKind.CANCELLED, token, installed);
    }

    long ready(int token, long installed) {
        return notification(StepKind.READY, token, installed);
    }

    long acknowledged(int token, long ready) {
        return notification(StepKind.ACKNOWLEDGED, token, ready);
    }

    /** One asynchronous fault, whole. */
    void journey(int token) {
        long raised = raised();
        delivered(token, published(token, raised));
        long ready = ready(token, installed(token, raised));
        acknowledged(token, ready);
        resolved(token, Resolution.READY, raised);
    }

    long fault(StepKind kind, int token, int detail, long cause) {
        trail.fault(vmId, step(++faultSequence, kind, faultEpoch, token, cause).setDetail(detail));
        return faultSequence;
    }

    long notification(StepKind kind, int token, long cause) {
        trail.notification(vmId, step(++notificationSequence, kind, notificationEpoch, token, cause));
        return notificationSequence;
    }

    private AuditStep.Builder step(long sequence, StepKind kind, long epoch, int token, long cause) {
        return AuditStep.newBuilder()
                .setSequence(sequence)
                .setKindValue(kind.code())
                .setVcpuId(vcpuId)
                .setEpoch(epoch)
                .setToken(token)
                .setCause(cause);
    }
}
