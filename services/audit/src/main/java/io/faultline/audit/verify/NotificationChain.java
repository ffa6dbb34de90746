// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit.verify;

import io.faultline.model.StepKind;
import io.faultline.model.Token;
import io.faultline.proto.audit.v1.AuditStep;
import java.util.HashMap;
import java.util.Map;

/** A chain of the notification plane: what the guest was told, and what it acknowledged. Owned by the auditor. */
final class NotificationChain extends Chain {
    private static final long NOTHING = 0;

    /** The step DELIVERED of every token that was delivered and is not ready yet. */
    private final Map<Integer, Long> delivered = new HashMap<>();

    private long enabledEpoch = -1;
    private long unacknowledged = NOTHING;
    private int unacknowledgedToken;

    NotificationChain(Key key, VcpuJoin join, Findings findings) {
        super(key, join, findings);
    }

    @Override
    void process(AuditStep step, StepKind kind) {
        join.notificationPlaneAt(step.getEpoch());
        switch (kind) {
            case OPENED, GUEST_ATTACHED -> {}
            case ENABLED -> {
                // Arming frees the area: what was outstanding in an older epoch is gone.
                forgetEpoch();
                enabledEpoch = step.getEpoch();
            }
            case DISABLED, GUEST_DETACHED, CLOSED -> {
                forgetEpoch();
                join.notificationsEnded(enabledEpoch == step.getEpoch() ? step.getEpoch() : step.getEpoch() - 1);
            }
            case DELIVERED -> delivered(step);
            case CANCELLED -> cancelled(step);
            case READY -> ready(step);
            case WOKE_ALL -> raiseInterrupt(step, kind);
            case ACKNOWLEDGED -> acknowledged(step);
            default -> wrongPlane(step, kind);
        }
    }

    private void forgetEpoch() {
        delivered.clear();
        unacknowledged = NOTHING;
    }

    private void delivered(AuditStep step) {
        Long before = delivered.putIfAbsent(step.getToken(), step.getSequence());
        if (before == null) {
            join.delivered(this, step);
        } else {
            findings.violation(Rule.DELIVERED_ONCE, this, step, "DELIVERED, as step " + before + " was already");
        }
    }

    private void cancelled(AuditStep step) {
        Long before = delivered.get(step.getToken());
        if (before == null) {
            join.ended(this, step, StepKind.CANCELLED);
        } else {
            findings.violation(
                    Rule.CANCELLED_BEFORE_DELIVERED, this, step, "CANCELLED after DELIVERED, step " + before);
        }
    }

    private void ready(AuditStep step) {
        if (delivered.remove(step.getToken()) == null) {
            findings.violation(
                    Rule.READY_AFTER_DELIVERED,
                    this,
                    step,
                    "READY of a token that is not delivered, or has been ready or cancelled already");
        } else {
            join.ended(this, step, StepKind.READY);
        }
        raiseInterrupt(step, StepKind.READY);
    }

    private void raiseInterrupt(AuditStep step, StepKind kind) {
        if (unacknowledged != NOTHING) {
            findings.violation(
                    Rule.ONE_UNACKNOWLEDGED,
                    this,
                    step,
                    kind + " while step " + unacknowledged + " is not acknowledged");
        }
        unacknowledged = step.getSequence();
        unacknowledgedToken = step.getToken();
    }

    private void acknowledged(AuditStep step) {
        if (unacknowledged == NOTHING) {
            findings.violation(
                    Rule.ACKNOWLEDGED_AFTER_READY, this, step, "ACKNOWLEDGED, but no page-ready waits for it");
        } else if (step.getCause() != unacknowledged || step.getToken() != unacknowledgedToken) {
            findings.violation(
                    Rule.ACKNOWLEDGED_AFTER_READY,
                    this,
                    step,
                    "ACKNOWLEDGED names step " + step.getCause() + " (expected: " + unacknowledged + " of token "
                            + Token.format(unacknowledgedToken) + ")");
        }
        unacknowledged = NOTHING;
    }

    @Override
    int inFlight() {
        return delivered.size();
    }

    @Override
    void finish() {}
}
