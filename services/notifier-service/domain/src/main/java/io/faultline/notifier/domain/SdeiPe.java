// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import io.faultline.model.Refusal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The SDEI state of one PE: its mask, its private events, and the handlers that are running. Owned by the vCPU's thread.
 */
final class SdeiPe {
    /*
     * A critical event may preempt a normal one and nothing else preempts, so at most two handlers are on the stack, and
     * they complete last in, first out (DEN0054). Each level keeps the registers that its handler interrupted.
     */
    private static final int NESTING_MAX = 2;

    private final SdeiEvent[] events;
    private final SdeiEvent[] running = new SdeiEvent[NESTING_MAX];
    private final CpuContext[] interrupted = new CpuContext[NESTING_MAX];
    private final CpuContext registers = new CpuContext();
    private boolean keepsRegisters;
    private boolean masked = true;
    private int depth;

    /** A PE that has just come up: events masked, none registered. */
    SdeiPe(SdeiEvent... events) {
        this.events = events.clone();
        for (int level = 0; level < NESTING_MAX; level++) {
            interrupted[level] = new CpuContext();
        }
    }

    /** The event of a number, or null. */
    @Nullable
    SdeiEvent event(long number) {
        for (SdeiEvent event : events) {
            if (event.number() == number) {
                return event;
            }
        }
        return null;
    }

    /** Has another event in the place of one; a handler of the old one that runs completes as if nothing had been. */
    void exchange(SdeiEvent old, SdeiEvent other) {
        for (int i = 0; i < events.length; i++) {
            if (events[i] == old) {
                events[i] = other;
            }
        }
    }

    /** EVENT_SIGNAL's target: triggers the event that software signals, if this PE would take it. */
    long signal() {
        SdeiEvent event = event(SdeiEvent.SOFTWARE_SIGNALLED);
        if (masked
                || event == null
                || !event.state().isRegistered()
                || !event.state().isEnabled()) {
            return SdeiResult.INVALID_PARAMETERS;
        }
        event.trigger();
        return SdeiResult.SUCCESS;
    }

    /** PE_MASK: 1 when that changed the state, else 0. */
    long mask() {
        boolean changed = !masked;
        masked = true;
        return changed ? 1 : 0;
    }

    /** PE_UNMASK. */
    long unmask() {
        masked = false;
        return SdeiResult.SUCCESS;
    }

    /** CONTEXT: register xN as the running handler interrupted it. */
    long context(long n) {
        if (n < 0 || n >= CpuContext.REGISTERS) {
            return SdeiResult.INVALID_PARAMETERS;
        }
        return depth == 0 ? SdeiResult.DENIED : interrupted[depth - 1].x((int) n);
    }

    /** PRIVATE_RESET: unregisters every event; DENIED when one is running, which then goes when it completes. */
    long reset() {
        long result = SdeiResult.SUCCESS;
        for (SdeiEvent event : events) {
            if (event.unregister() == SdeiResult.PENDING) {
                result = SdeiResult.DENIED;
            }
        }
        return result;
    }

    /** Why an event that is triggered now would not be dispatched at once; NONE when it would be. */
    Refusal obstacle(SdeiEvent event) {
        if (masked) {
            return Refusal.PE_MASKED;
        }
        if (!event.state().isRegistered()) {
            return Refusal.EVENT_UNREGISTERED;
        }
        if (!event.state().isEnabled()) {
            return Refusal.EVENT_DISABLED;
        }
        if (depth != 0) {
            return Refusal.EVENT_RUNNING;
        }
        return event.isPending() ? Refusal.EVENT_PENDING : Refusal.NONE;
    }

    /** The event that can be dispatched now, critical before normal, or null. */
    @Nullable
    SdeiEvent dispatchable() {
        if (masked) {
            return null;
        }
        SdeiEvent found = null;
        for (SdeiEvent event : events) {
            if (event.isDispatchable() && mayPreempt(event) && (found == null || event.isCritical())) {
                found = event;
            }
        }
        return found;
    }

    /** Enters a dispatchable event's handler, saving the registers that it interrupts. */
    void dispatch(SdeiEvent event) {
        event.dispatch();
        interrupted[depth].copyFrom(registers);
        running[depth] = event;
        depth++;
    }

    /** Leaves the innermost handler and restores the registers: the event that was handled, or null when none is running. */
    @Nullable
    SdeiEvent complete(HandlerAction how) {
        if (depth == 0 || !running[depth - 1].apply(how)) {
            return null;
        }
        depth--;
        registers.copyFrom(interrupted[depth]);
        return running[depth];
    }

    /** What migrates, in the order of the events; a trigger only of events that the host does not publish by. */
    List<SdeiSnapshot.Event> snapshot(SdeiEvent published) {
        List<SdeiSnapshot.Event> snapshots = new ArrayList<>();
        for (SdeiEvent event : events) {
            if (event.state() != HandlerState.UNREGISTERED) {
                boolean pending = event.isPending() && event != published;
                snapshots.add(new SdeiSnapshot.Event(
                        event.number(),
                        event.state().bits() | (pending ? SdeiSnapshot.PENDING : 0),
                        event.entry(),
                        event.argument(),
                        interruptedBy(event)));
            }
        }
        return snapshots;
    }

    /** Nests a handler that ran where the PE came from; normal events first. */
    void restoreRunning(SdeiEvent event, @Nullable CpuContext interruptedRegisters) {
        running[depth] = event;
        if (interruptedRegisters != null) {
            interrupted[depth].copyFrom(interruptedRegisters);
            keepsRegisters = true;
        }
        depth++;
    }

    private @Nullable CpuContext interruptedBy(SdeiEvent event) {
        for (int level = 0; level < depth; level++) {
            if (running[level] == event) {
                return keepsRegisters ? interrupted[level].copy() : null;
            }
        }
        return null;
    }

    /** Takes over the registers that the guest sent with a call. */
    void keepRegisters(CpuContext context) {
        registers.copyFrom(context);
        keepsRegisters = true;
    }

    /** The vCPU's registers as last known, or null for a guest that sends none. */
    @Nullable
    CpuContext registers() {
        return keepsRegisters ? registers : null;
    }

    /** Makes the next instruction the one at an address, with the interrupted place in ELR_EL1 and SPSR_EL1. */
    void resumeAt(long address) {
        registers.resumeAt(address);
    }

    boolean isMasked() {
        return masked;
    }

    int depth() {
        return depth;
    }

    private boolean mayPreempt(SdeiEvent event) {
        return depth == 0 || (event.isCritical() && !running[depth - 1].isCritical());
    }
}
