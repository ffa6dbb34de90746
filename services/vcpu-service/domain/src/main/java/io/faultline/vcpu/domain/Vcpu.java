// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import io.faultline.model.Access;
import io.faultline.model.AuditChain;
import io.faultline.model.AuditStep;
import io.faultline.model.FailReason;
import io.faultline.model.PageSource;
import io.faultline.model.Privilege;
import io.faultline.model.Refusal;
import io.faultline.model.Resolution;
import io.faultline.model.StepKind;
import io.faultline.model.SyncReason;
import io.faultline.model.Token;
import io.faultline.vcpu.domain.Fault.Stage;
import io.faultline.vcpu.domain.MemslotTable.Placement;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * One vCPU of a {@link VirtualMachine}: decides its faults one after the other, and takes the notifier's verdicts on
 * them. Verdicts of an old epoch have no effect and are counted. Owned by the VM's thread.
 */
public final class Vcpu {
    /** How many faults may wait while the vCPU stands still; the next one fails with OVERLOADED. */
    public static final int WAITING_FAULTS_MAX = 1024;

    private final int id;
    private final VirtualMachine machine;
    private final GuestMemory memory;
    private final Effects effects;
    private final AuditChain chain;
    private final ControlBlock control;
    private final Faults faults;
    private final AsyncFaults async;
    private final ArrayDeque<Fault> waiting = new ArrayDeque<>();
    /** The fault it stands still for. */
    private @Nullable Fault current;

    private boolean awaitsCreated;

    Vcpu(int id, VirtualMachine machine, GuestMemory memory, AuditStep carrier) {
        this.id = id;
        this.machine = machine;
        this.memory = memory;
        this.effects = machine.effects;
        this.chain = new AuditChain(machine.spec().vmId(), id, carrier);
        this.control = new ControlBlock(machine, this);
        this.faults = new Faults(this, effects, machine.counters());
        this.async = new AsyncFaults(this, machine, memory, faults);
    }

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
        return id;
    }

    /** The vCPU's epoch. */
    public long epoch() {
        return control.epoch();
    }

    /** Its works that are not dequeued, wake-alls included: 0 to 64. */
    public int works() {
        return async.works().count();
    }

    /** Where it is. */
    public State state() {
        if (current == null) {
            return State.RUNNING;
        }
        return current.stage == Stage.UNDECIDED ? State.AWAITING_VERDICT : State.STANDING_STILL;
    }

    /**
     * A stage-2 fault. Decided at once, or after the faults before it when the vCPU stands still.
     *
     * @param faultRef the caller's name for it
     * @param ipa the intermediate physical address, in bytes
     */
    public void raise(long faultRef, long ipa, Access access, Privilege privilege, boolean prefault, long nowNs) {
        Fault fault = faults.raise(faultRef, ipa >>> machine.spec().pageSize().shift());
        fault.write = access == Access.WRITE;
        fault.kernel = privilege == Privilege.KERNEL;
        fault.prefault = prefault;
        if (current == null) {
            decide(fault, nowNs);
        } else if (waiting.size() < WAITING_FAULTS_MAX) {
            waiting.add(fault);
        } else {
            faults.failed(fault, FailReason.OVERLOADED);
        }
        machine.settle(nowNs);
    }

    /** The guest's vendor hypercall; {@code configured} answers, maybe at once. */
    public void hypercall(long requestId, int function, int argument2, int argument3, long nowNs) {
        control.hypercall(requestId, function, argument2, argument3);
        machine.settle(nowNs);
    }

    /** The VMM's {@code KVM_ARM_ASYNC_PF_COMMAND}; {@code configured} answers, maybe at once. */
    public void ioctl(long requestId, int command, long value, long nowNs) {
        control.ioctl(requestId, command, value);
        machine.settle(nowNs);
    }

    /** Verdict CREATED. Holds in any epoch: an arming may already be on its way behind the creation. */
    public void created(long epoch, long nowNs) {
        if (awaitsCreated) {
            awaitsCreated = false;
            machine.vcpuCreated();
        }
        machine.settle(nowNs);
    }

    /** Verdict ARMED. */
    public void armed(long epoch, long nowNs) {
        if (!control.armed(epoch)) {
            machine.countStale();
        }
        machine.settle(nowNs);
    }

    /** Verdict ACCEPTED: the publication holds. */
    public void accepted(long epoch, int token, long nowNs) {
        async.accepted(epoch, token);
        machine.settle(nowNs);
    }

    /** Verdict REFUSED: of a publication with its token, of a creation or arming with {@link Token#NONE}. */
    public void refused(long epoch, int token, Refusal refusal, long nowNs) {
        if (token == Token.NONE) {
            armingOrCreationRefused(epoch);
        } else if (!async.refused(epoch, token, refusal, Refusals.syncReason(refusal))) {
            machine.countStale();
        }
        machine.settle(nowNs);
    }

    /** Verdict CANCELLED: the guest was never told of the token. */
    public void cancelled(long epoch, int token, long nowNs) {
        async.ended(epoch, token, Resolution.CANCELLED);
        machine.settle(nowNs);
    }

    /** Verdict READY: page-ready is published for the token, or for all with {@link Token#WAKE_ALL}. */
    public void ready(long epoch, int token, long nowNs) {
        async.ended(epoch, token, Resolution.READY);
        machine.settle(nowNs);
    }

    /** Verdict STALE: the notifier holds another epoch than the command of this epoch and token had. */
    public void stale(long epoch, int token, long nowNs) {
        notDone(epoch, token, SyncReason.STALE_EPOCH);
        machine.settle(nowNs);
    }

    /** Verdict UNKNOWN: the notifier does not know the vCPU, or the token. */
    public void unknown(long epoch, int token, long nowNs) {
        notDone(epoch, token, SyncReason.NOTIFIER_UNAVAILABLE);
        machine.settle(nowNs);
    }

    /** Verdict ALREADY: the token was completed before, so its end has come or will. Only counted. */
    public void already(long epoch, int token, long nowNs) {
        machine.countStale();
        machine.settle(nowNs);
    }

    /** News GUEST_DETACHED: the vCPU is disarmed there, so it is disabled here. */
    public void guestDetached(long epoch, long nowNs) {
        if (epoch == control.epoch()) {
            control.guestDetached();
        } else {
            machine.countStale();
        }
        machine.settle(nowNs);
    }

    void open(boolean notifierConnected) {
        effects.audit(step(StepKind.OPENED));
        awaitsCreated = notifierConnected;
        if (notifierConnected) {
            control.notifierConnected();
        }
    }

    void notifierConnected() {
        control.notifierConnected();
    }

    void notifierLost() {
        awaitsCreated = false;
        control.notifierLost();
    }

    /** Ends every fault, then the chain. */
    void close() {
        async.close();
        if (current != null) {
            faults.failed(current, FailReason.VM_GONE);
            current = null;
        }
        while (!waiting.isEmpty()) {
            faults.failed(waiting.remove(), FailReason.VM_GONE);
        }
        control.close();
        effects.audit(step(StepKind.CLOSED));
    }

    /** The audit chain's next step, to be filled and handed out at once. */
    AuditStep step(StepKind kind) {
        return chain.next(kind, control.epoch());
    }

    AsyncFaults async() {
        return async;
    }

    /** Decides faults that wait for their turn, until the vCPU stands still. */
    void run(long nowNs) {
        while (current == null && !waiting.isEmpty()) {
            decide(waiting.remove(), nowNs);
        }
    }

    private void decide(Fault fault, long nowNs) {
        current = fault;
        fault.stage = Stage.SYNCHRONOUS;
        Placement place = memory.memslots.find(fault.gfn);
        if (place == null) {
            fail(fault, FailReason.NO_MEMSLOT);
            return;
        }
        if (fault.write && place.memslot().readOnly()) {
            fail(fault, FailReason.READ_ONLY);
            return;
        }
        int page = place.page(fault.gfn);
        switch (memory.stage2.state(page)) {
            case RESIDENT -> mapFrom(fault, memory.frameOf(page), PageSource.RESIDENT);
            case WRITING_OUT -> mapFrom(fault, memory.takeBack(page), PageSource.TAKEN_BACK);
            case POISONED -> fail(fault, memory.poison(page));
            case ZERO -> {
                fault.reason = memory.hasFrameFor(page) ? SyncReason.NONE : SyncReason.NO_FRAME;
                memory.await(page, fault.gfn, fault, nowNs);
            }
            case SWAPPED, ARRIVING -> {
                fault.reason = obstacle(fault, page);
                if (fault.reason == SyncReason.NONE) {
                    async.publish(fault);
                }
                memory.await(page, fault.gfn, fault, nowNs);
            }
        }
    }

    /** Why a fault on a missing page is synchronous, first reason first; NONE if it may go asynchronous. */
    private SyncReason obstacle(Fault fault, int page) {
        if (fault.prefault) {
            return SyncReason.PREFAULT;
        }
        SyncReason ofControl = control.obstacle(fault.kernel);
        if (ofControl != SyncReason.NONE) {
            return ofControl;
        }
        if (memory.hasFailedBefore(page)) {
            return SyncReason.EARLIER_FAILURE;
        }
        if (async.works().contains(fault.gfn)) {
            return SyncReason.DUPLICATE;
        }
        if (async.works().isFull()) {
            return SyncReason.WORKS_LIMIT;
        }
        return memory.hasFrameFor(page) ? SyncReason.NONE : SyncReason.NO_FRAME;
    }

    /** A fault's page is in a frame. */
    void pageArrived(Fault fault, int frame, PageSource source) {
        if (fault.write && memory.isReadOnly(fault.gfn)) {
            pageFailed(fault, FailReason.READ_ONLY);
        } else if (fault.stage == Stage.SYNCHRONOUS) {
            mapFrom(fault, frame, source);
        } else {
            fault.source = source;
            async.pageArrived(fault, frame);
        }
    }

    /** A fault's page does not come. */
    void pageFailed(Fault fault, FailReason reason) {
        if (fault.stage == Stage.SYNCHRONOUS) {
            fail(fault, reason);
        } else {
            async.pageFailed(fault, reason);
        }
    }

    private void mapFrom(Fault fault, int frame, PageSource source) {
        fault.source = source;
        map(fault, frame);
    }

    /** Maps the page for the fault that the vCPU stands still for. */
    void map(Fault fault, int frame) {
        memory.touch(frame, fault.write);
        runOn();
        faults.mapped(fault, frame);
    }

    /** Fails the fault that the vCPU stands still for. */
    void fail(Fault fault, FailReason reason) {
        runOn();
        faults.failed(fault, reason);
    }

    /** The vCPU stands still no more. */
    void runOn() {
        current = null;
        if (!waiting.isEmpty()) {
            machine.makeRunnable(this);
        }
    }

    /** A command was not carried out: whatever waited for its verdict goes on without. */
    private void notDone(long epoch, int token, SyncReason why) {
        if (token == Token.NONE) {
            armingOrCreationRefused(epoch);
        } else if (!async.refused(epoch, token, Refusal.NOT_ARMED, why)) {
            async.ended(epoch, token, Resolution.DROPPED);
        }
    }

    private void armingOrCreationRefused(long epoch) {
        boolean ofArming = epoch == control.epoch() && control.armRefused();
        if (!ofArming && awaitsCreated) {
            awaitsCreated = false;
            machine.vcpuCreated();
        } else if (!ofArming) {
            machine.countStale();
        }
    }
}
