// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import io.faultline.model.AuditStep;
import io.faultline.model.Refusal;

/**
 * How effects leave the plane: fills the reusable carriers, counts, and hands over. One per machine, owned by its thread.
 */
final class Outbox {
    private final AuditSink audit;
    private final NotifierCounters counters;
    private final AuditStep step = new AuditStep();
    private final Verdict verdict = new Verdict();
    private final HostEvent event = new HostEvent();

    Outbox(AuditSink audit, NotifierCounters counters) {
        this.audit = audit;
        this.counters = counters;
    }

    /** The carrier that the audit chains fill. */
    AuditStep step() {
        return step;
    }

    /** Hands over a step that a chain filled, and returns its number. */
    long audit(AuditStep step) {
        counters.count(step.kind());
        audit.audit(step);
        return step.sequence();
    }

    /** Begins a verdict; {@link #send(OwnerPort)} hands it over. */
    Verdict verdict(VerdictKind kind, long vmId, int vcpuId, long epoch) {
        return verdict.begin(kind, vmId, vcpuId, epoch);
    }

    void send(OwnerPort owner) {
        counters.count(verdict.kind());
        if (verdict.refusal() != Refusal.NONE) {
            counters.count(verdict.refusal());
        }
        owner.verdict(verdict);
    }

    /** Begins a host event; {@link #send(GuestPort)} hands it over. */
    HostEvent event(HostEventKind kind, int vcpuId) {
        return event.begin(kind, vcpuId);
    }

    void send(GuestPort guest) {
        counters.count(event.kind());
        guest.event(event);
    }
}
