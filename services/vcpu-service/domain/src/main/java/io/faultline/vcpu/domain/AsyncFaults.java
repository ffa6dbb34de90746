// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import io.faultline.model.FailReason;
import io.faultline.model.Refusal;
import io.faultline.model.Resolution;
import io.faultline.model.SyncReason;
import io.faultline.model.Token;
import io.faultline.vcpu.domain.Fault.Stage;
import io.faultline.vcpu.domain.MemslotTable.Placement;
import org.jspecify.annotations.Nullable;

/**
 * The asynchronous way of one vCPU's faults: published, accepted or refused, completed, ended. Owned by the VM's thread.
 */
/*
 *   UNDECIDED --accepted--> PARKED --page mapped or failed--> COMPLETING --ready, cancelled--> terminal
 *       |                      `--epoch over--> DROPPED --page mapped or failed--> terminal
 *       `--refused, epoch over--> SYNCHRONOUS
 *
 * The page's fetch runs beside all this. A page that comes before the verdict is held: resident and pinned, not mapped
 * for this fault, so that its access is carried out exactly once, on the way that the verdict decides.
 *
 * A verdict may wait for the guest to take an interrupt, as a vCPU does before it comes to its next instruction; in
 * kernel mode it may not, for interrupts may be masked there. The wait ends with the page's coming at the latest: then the
 * publication is withdrawn, and the vCPU has stood still for no longer than synchronously.
 */
final class AsyncFaults {
    private final FaultPath path;
    private final Vcpu vcpu;
    private final VirtualMachine machine;
    private final GuestMemory memory;
    private final Effects effects;
    private final Faults faults;
    private final Works works;
    private @Nullable Fault undecided;

    AsyncFaults(FaultPath path, Vcpu vcpu, VirtualMachine machine, GuestMemory memory, Faults faults) {
        this.path = path;
        this.vcpu = vcpu;
        this.machine = machine;
        this.memory = memory;
        this.effects = machine.effects;
        this.faults = faults;
        this.works = new Works(new TokenSequence(vcpu.id()));
    }

    Works works() {
        return works;
    }

    /** Draws a token and asks the notifier to tell the guest; the vCPU stands still for the answer. */
    void publish(Fault fault) {
        works.begin(fault);
        fault.stage = Stage.UNDECIDED;
        undecided = fault;
        long step = faults.published(fault);
        effects.publish(vcpu.id(), vcpu.epoch(), fault.token, step, fault.ref, !fault.kernel);
    }

    void wakeAll() {
        works.beginWakeAll();
        machine.counters().wakeAlls++;
        effects.wakeAll(vcpu.id(), vcpu.epoch());
    }

    void accepted(long epoch, int token) {
        Fault fault = takeUndecided(epoch, token);
        if (fault == null) {
            machine.countStale();
            return;
        }
        fault.stage = Stage.PARKED;
        faults.accepted(fault);
        path.runOn();
        int held = unhold(fault);
        if (held != FrameTable.NONE) {
            install(fault, held);
        } else if (fault.failure != FailReason.NONE) {
            complete(fault, faults.fetchFailed(fault));
        }
    }

    /** The publication did not happen; false if there is no such one. */
    boolean refused(long epoch, int token, Refusal refusal, SyncReason why) {
        Fault fault = takeUndecided(epoch, token);
        if (fault == null) {
            return false;
        }
        faults.refused(fault, refusal);
        if (fault.withdrawn) {
            // A notifier that does not know the withdrawal refuses that too: the next publication may not have this
            // token.
            works.end(fault);
            fault.token = Token.NONE;
        } else {
            works.undo(fault);
        }
        makeSynchronous(fault, why);
        return true;
    }

    /** A token, or a wake-all, has ended. */
    void ended(long epoch, int token, Resolution resolution) {
        if (epoch != vcpu.epoch()) {
            machine.countStale();
        } else if (token != Token.WAKE_ALL) {
            endCompleted(token, resolution);
        } else if (!works.endWakeAll()) {
            machine.countStale();
        }
    }

    /** The page of a fault on the asynchronous way is in a frame. */
    void pageArrived(Fault fault, int frame) {
        switch (fault.stage) {
            case UNDECIDED -> {
                memory.frames.pin(frame);
                fault.heldFrame = frame;
                withdraw(fault);
            }
            case PARKED -> install(fault, frame);
            case DROPPED -> {
                works.endDropped(fault);
                memory.touch(frame, fault.write);
                faults.installed(fault, frame);
                faults.resolved(fault, Resolution.DROPPED);
            }
            default -> throw unexpected(fault);
        }
    }

    /** The page of a fault on the asynchronous way does not come: its completion is signalled all the same. */
    void pageFailed(Fault fault, FailReason reason) {
        fault.failure = reason;
        switch (fault.stage) {
            case UNDECIDED -> withdraw(fault);
            case PARKED -> complete(fault, faults.fetchFailed(fault));
            case DROPPED -> {
                works.endDropped(fault);
                faults.failed(fault, reason);
            }
            default -> throw unexpected(fault);
        }
    }

    /** A memslot has changed: a page held for a verdict may not be mapped any more. */
    void memslotChanged() {
        Fault fault = undecided;
        if (fault == null || fault.heldFrame == FrameTable.NONE) {
            return;
        }
        Placement place = memory.memslots.find(fault.gfn);
        if (place == null || (fault.write && place.memslot().readOnly())) {
            unhold(fault);
            fault.failure = place == null ? FailReason.NO_MEMSLOT : FailReason.READ_ONLY;
        }
    }

    /** The epoch is over: nothing that was outstanding in it will be decided, completed or answered. */
    void epochEnded(SyncReason why) {
        for (Fault fault : works.drop()) {
            switch (fault.stage) {
                case UNDECIDED -> {
                    undecided = null;
                    makeSynchronous(fault, why);
                }
                case PARKED -> {
                    fault.stage = Stage.DROPPED;
                    works.addDropped(fault);
                }
                case COMPLETING -> end(fault, Resolution.DROPPED);
                default -> throw unexpected(fault);
            }
        }
    }

    /** The VM is gone. The undecided fault is the vCPU's to end. */
    void close() {
        for (Fault fault : works.drop()) {
            if (fault.stage != Stage.UNDECIDED) {
                faults.failed(fault, FailReason.VM_GONE);
            }
        }
        for (Fault fault : works.takeDropped()) {
            faults.failed(fault, FailReason.VM_GONE);
        }
    }

    private void install(Fault fault, int frame) {
        memory.touch(frame, fault.write);
        complete(fault, faults.installed(fault, frame));
    }

    private void complete(Fault fault, long cause) {
        fault.stage = Stage.COMPLETING;
        effects.complete(vcpu.id(), vcpu.epoch(), fault.token, cause, fault.ref);
    }

    private void withdraw(Fault fault) {
        if (!fault.kernel) {
            fault.withdrawn = true;
            effects.withdraw(vcpu.id(), vcpu.epoch(), fault.token);
        }
    }

    private void endCompleted(int token, Resolution resolution) {
        Fault fault = works.find(token);
        if (fault == null || fault.stage != Stage.COMPLETING) {
            machine.countStale();
            return;
        }
        works.end(fault);
        end(fault, resolution);
    }

    private void end(Fault fault, Resolution resolution) {
        if (fault.failure == FailReason.NONE) {
            faults.resolved(fault, resolution);
        } else {
            faults.failed(fault, fault.failure);
        }
    }

    private void makeSynchronous(Fault fault, SyncReason why) {
        fault.stage = Stage.SYNCHRONOUS;
        fault.reason = why;
        fault.token = Token.NONE;
        int held = unhold(fault);
        if (held != FrameTable.NONE) {
            path.map(fault, held);
        } else if (fault.failure != FailReason.NONE) {
            path.fail(fault, fault.failure);
        }
    }

    private @Nullable Fault takeUndecided(long epoch, int token) {
        Fault fault = undecided;
        if (fault == null || epoch != vcpu.epoch() || fault.token != token) {
            return null;
        }
        undecided = null;
        return fault;
    }

    private int unhold(Fault fault) {
        int frame = fault.heldFrame;
        if (frame != FrameTable.NONE) {
            memory.frames.unpin(frame);
            fault.heldFrame = FrameTable.NONE;
        }
        return frame;
    }

    private static IllegalStateException unexpected(Fault fault) {
        return new IllegalStateException("fault stage: " + fault.stage + " (expected: an asynchronous one)");
    }
}
