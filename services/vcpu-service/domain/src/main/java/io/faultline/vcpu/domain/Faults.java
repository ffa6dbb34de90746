// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import io.faultline.model.AuditStep;
import io.faultline.model.FailReason;
import io.faultline.model.Refusal;
import io.faultline.model.Resolution;
import io.faultline.model.StepKind;
import io.faultline.model.SyncReason;
import org.jspecify.annotations.Nullable;

/**
 * Hands out one vCPU's fault objects, says what becomes of each (to the app, the audit trail and the counters), and
 * takes them back after their terminal outcome. Owned by the VM's thread.
 */
final class Faults {
    private final FaultPath path;
    private final Vcpu vcpu;
    private final Effects effects;
    private final Counters counters;
    private @Nullable Waiter free;

    Faults(FaultPath path, Vcpu vcpu, VirtualMachine machine) {
        this.path = path;
        this.vcpu = vcpu;
        this.effects = machine.effects;
        this.counters = machine.counters();
    }

    Fault raise(long ref, long gfn) {
        Fault fault;
        if (free instanceof Fault pooled) {
            fault = pooled;
            free = fault.next;
            fault.next = null;
        } else {
            fault = new Fault(path);
        }
        fault.begin(ref, gfn);
        counters.faults++;
        counters.faultsInFlight++;
        AuditStep step = vcpu.step(StepKind.RAISED).gfn(gfn);
        fault.raisedStep = step.sequence();
        effects.audit(step);
        return fault;
    }

    /** The token is on its way; the step's number is what the notifier's DELIVERED will name. */
    long published(Fault fault) {
        return audit(fault, StepKind.PUBLISHED, 0);
    }

    void accepted(Fault fault) {
        counters.tokensIssued++;
        effects.async(fault.ref, fault.token);
    }

    void refused(Fault fault, Refusal refusal) {
        audit(fault, StepKind.REFUSED, refusal.code());
        effects.refused(fault.ref, refusal);
    }

    /** The page of a published token is mapped; the step's number is what READY or CANCELLED will name. */
    long installed(Fault fault, int frame) {
        effects.access(fault.ref, frame);
        return audit(fault, StepKind.INSTALLED, fault.source.code());
    }

    /** The page of a published token does not come; likewise. */
    long fetchFailed(Fault fault) {
        return audit(fault, StepKind.FETCH_FAILED, fault.failure.code());
    }

    /** Terminal: mapped, without a token outstanding. */
    void mapped(Fault fault, int frame) {
        effects.access(fault.ref, frame);
        audit(fault, StepKind.MAPPED, fault.reason.code());
        counters.mapped[fault.source.code()]++;
        if (fault.reason != SyncReason.NONE) {
            counters.synchronous[fault.reason.code()]++;
        }
        effects.mapped(fault.ref, fault.source, fault.reason);
        release(fault);
    }

    /** Terminal: the token has ended, the page was mapped. */
    void resolved(Fault fault, Resolution resolution) {
        audit(fault, StepKind.RESOLVED, resolution.code());
        counters.resolved[resolution.code()]++;
        effects.resolved(fault.ref, fault.token, fault.source, resolution);
        release(fault);
    }

    /** Terminal: nothing was mapped. */
    void failed(Fault fault, FailReason reason) {
        audit(fault, StepKind.FAILED, reason.code());
        counters.failed[reason.code()]++;
        effects.failed(fault.ref, reason);
        release(fault);
    }

    private long audit(Fault fault, StepKind kind, int detail) {
        AuditStep step =
                vcpu.step(kind).gfn(fault.gfn).token(fault.token).detail(detail).cause(fault.raisedStep);
        effects.audit(step);
        return step.sequence();
    }

    private void release(Fault fault) {
        counters.faultsInFlight--;
        fault.next = free;
        free = fault;
    }
}
