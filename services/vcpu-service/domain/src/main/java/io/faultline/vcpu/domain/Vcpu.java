// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import io.faultline.model.Access;
import io.faultline.model.AuditChain;
import io.faultline.model.AuditStep;
import io.faultline.model.Privilege;
import io.faultline.model.Refusal;
import io.faultline.model.Resolution;
import io.faultline.model.StepKind;
import io.faultline.model.SyncReason;
import io.faultline.model.Token;

/**
 * One vCPU of a {@link VirtualMachine}: takes its faults, its guest's and VMM's configuration, and the notifier's
 * verdicts. Verdicts of an old epoch have no effect and are counted. Owned by the VM's thread.
 */
public final class Vcpu {
    /** How many faults may wait while the vCPU stands still; the next one fails with OVERLOADED. */
    public static final int WAITING_FAULTS_MAX = 1024;

    private final int id;
    private final VirtualMachine machine;
    private final Effects effects;
    private final AuditChain chain;
    private final ControlBlock control;
    private final FaultPath path;
    private final AsyncFaults async;
    private final Creation creation;
    private boolean awaitsCreated;

    Vcpu(int id, VirtualMachine machine, GuestMemory memory, AuditStep carrier) {
        this.id = id;
        this.machine = machine;
        this.effects = machine.effects;
        this.chain = new AuditChain(machine.spec().vmId(), id, carrier);
        this.creation = new Creation();
        this.control = new ControlBlock(machine, this, creation);
        this.path = new FaultPath(this, machine, memory, control);
        this.async = path.async();
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

    /** The control word: what the guest enabled asynchronous faults with, 0 while they are off. */
    public long control() {
        return control.control();
    }

    /** The number of the SDEI event that says "page not present", or 0. */
    public long sdeiEvent() {
        return control.sdeiEvent();
    }

    /** The PPI that says "page ready", or 0. */
    public int pageReadyInterrupt() {
        return control.interrupt();
    }

    /** Where it is. */
    public State state() {
        return path.state();
    }

    /**
     * A stage-2 fault. Decided at once, or after the faults before it when the vCPU stands still.
     *
     * @param faultRef the caller's name for it
     * @param ipa the intermediate physical address, in bytes
     */
    public void raise(long faultRef, long ipa, Access access, Privilege privilege, boolean prefault, long nowNs) {
        Fault fault = path.begin(faultRef, ipa >>> machine.spec().pageSize().shift());
        fault.write = access == Access.WRITE;
        fault.kernel = privilege == Privilege.KERNEL;
        fault.prefault = prefault;
        path.enter(fault, nowNs);
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

    /** The vCPU is reset: what is outstanding is dropped, asynchronous faults are off; VMM's numbers stay. */
    public void reset(long nowNs) {
        control.reset();
        machine.settle(nowNs);
    }

    /**
     * The vCPU goes on here with the numbers that it had elsewhere; 0 leaves the one it has. What is outstanding is dropped
     * and asynchronous faults are off, with a new epoch that no command says: the caller hands it to the notifier together
     * with the guest's SDEI state, or resets the vCPU. {@link #ioctl} with SET_CONTROL then turns them on.
     *
     * @throws IllegalArgumentException for a number out of range; then nothing has changed
     */
    public void restore(long sdeiEvent, long pageReadyInterrupt, long nowNs) {
        control.restore(sdeiEvent, pageReadyInterrupt);
        machine.settle(nowNs);
    }

    /** Verdict CREATED. Holds in any epoch: an arming may already be on its way behind the creation. */
    public void created(long epoch, long nowNs) {
        creation.forget();
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
            if (Creation.isWorthRepeating(refusal)) {
                creation.refused(nowNs);
            }
            armingOrCreationRefused(epoch);
        } else if (token == Token.WAKE_ALL) {
            async.ended(epoch, token, Resolution.DROPPED);
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

    /**
     * Verdict ALREADY: the token was completed before, so its end has come or will; that is only counted. Or nothing was
     * queued for a wake-all, which then is over.
     */
    public void already(long epoch, int token, long nowNs) {
        if (token == Token.WAKE_ALL) {
            async.ended(epoch, token, Resolution.DROPPED);
        } else {
            machine.countStale();
        }
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
        creation.forget();
        control.notifierLost();
    }

    /** Time passed: a creation that was refused is asked for again. */
    void tick(long nowNs) {
        if (creation.isDue(nowNs)) {
            control.notifierConnected();
        }
    }

    /** Ends every fault, then the chain. */
    void close() {
        path.close();
        control.close();
        effects.audit(step(StepKind.CLOSED));
    }

    /** The audit chain's next step, to be filled and handed out at once. */
    AuditStep step(StepKind kind) {
        return chain.next(kind, control.epoch());
    }

    /** A memslot has changed. */
    void memslotChanged() {
        control.memslotChanged();
        async.memslotChanged();
    }

    AsyncFaults async() {
        return async;
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
