// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import io.faultline.model.FailReason;
import io.faultline.model.PageSource;
import io.faultline.model.SyncReason;
import io.faultline.vcpu.domain.Fault.Stage;
import io.faultline.vcpu.domain.MemslotTable.Placement;
import io.faultline.vcpu.domain.prefetch.HintSource;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Decides one vCPU's faults one after the other, in the order of {@code try_async_pf}: mapped, synchronous, asynchronous
 * or failed. While the vCPU stands still for one, the others wait. Owned by the VM's thread.
 */
final class FaultPath {
    private final VirtualMachine machine;
    private final GuestMemory memory;
    private final ControlBlock control;
    private final Faults faults;
    private final AsyncFaults async;
    private final PrefetchStream misses;
    private final ArrayDeque<Fault> waiting = new ArrayDeque<>();
    /** The fault it stands still for. */
    private @Nullable Fault current;

    FaultPath(Vcpu vcpu, VirtualMachine machine, GuestMemory memory, ControlBlock control) {
        this.machine = machine;
        this.memory = memory;
        this.control = control;
        this.faults = new Faults(this, vcpu, machine);
        this.async = new AsyncFaults(this, vcpu, machine, memory, faults);
        this.misses = new PrefetchStream(memory.hints, machine.spec().prefetchPagesMax());
    }

    AsyncFaults async() {
        return async;
    }

    Vcpu.State state() {
        if (current == null) {
            return Vcpu.State.RUNNING;
        }
        return current.stage == Stage.UNDECIDED ? Vcpu.State.AWAITING_VERDICT : Vcpu.State.STANDING_STILL;
    }

    Fault begin(long faultRef, long gfn) {
        return faults.raise(faultRef, gfn);
    }

    /** Decides a fault, now or when its turn has come. */
    void enter(Fault fault, long nowNs) {
        if (current == null) {
            decide(fault, nowNs);
        } else if (waiting.size() < Vcpu.WAITING_FAULTS_MAX) {
            waiting.add(fault);
        } else {
            faults.failed(fault, FailReason.OVERLOADED);
        }
    }

    /** The VM is gone. */
    void close() {
        async.close();
        if (current != null) {
            faults.failed(current, FailReason.VM_GONE);
            current = null;
        }
        while (!waiting.isEmpty()) {
            faults.failed(waiting.remove(), FailReason.VM_GONE);
        }
    }

    /** Decides faults that wait for their turn, until the vCPU stands still. */
    void run(long nowNs) {
        while (current == null && !waiting.isEmpty()) {
            decide(waiting.remove(), nowNs);
        }
    }

    private void decide(Fault fault, long nowNs) {
        current = fault;
        machine.effects.decided(fault.ref);
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
        memory.workingSet.touched(fault.gfn);
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
                awaitFromBelow(fault, place, page, nowNs);
            }
        }
    }

    /* Hints come behind the fetch: what the fault needs goes first. */
    private void awaitFromBelow(Fault fault, Placement place, int page, long nowNs) {
        long entry = memory.stage2.entry(page);
        memory.await(page, fault.gfn, fault, nowNs);
        if (Stage2Table.stateOf(entry) == PageState.SWAPPED) {
            boolean foreseen = Stage2Table.isHinted(entry) && Stage2Table.hintedBy(entry) == HintSource.TREND;
            misses.missed(place, fault.gfn, foreseen);
            memory.workingSet.missed(nowNs);
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
        machine.effects.arrived(fault.ref);
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
}
