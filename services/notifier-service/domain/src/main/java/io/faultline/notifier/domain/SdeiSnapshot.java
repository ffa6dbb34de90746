// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What migrates of one PE's SDEI state: its mask, what its guest registered, and the handlers that are running. A "page not
 * present" that is pending does not: its token means nothing elsewhere. Immutable but for the registers inside.
 *
 * @param peMasked whether events are masked
 * @param asyncPfEvent the number of the event that says "page not present"
 * @param events the events that are registered or whose handler is running, each once
 */
public record SdeiSnapshot(boolean peMasked, int asyncPfEvent, List<Event> events) {
    /** Bit 3 of an event's flags: triggered, not dispatched yet. Bits 0 to 2 are EVENT_STATUS's. */
    public static final int PENDING = 8;

    private static final int STATE = 7;

    /**
     * One event.
     *
     * @param number its number
     * @param flags registered, enabled, running, pending, as bits 0 to 3
     * @param entry its handler's entry point
     * @param argument the argument given at registration
     * @param interrupted with a running handler the registers that it interrupted, where the guest keeps them in the host
     */
    public record Event(
            int number,
            int flags,
            long entry,
            long argument,
            @Nullable CpuContext interrupted) {
        boolean isPending() {
            return (flags & PENDING) != 0;
        }

        HandlerState state() {
            HandlerState state = HandlerState.ofBits(flags & STATE);
            if (state == null || (flags & ~(STATE | PENDING)) != 0) {
                throw new IllegalArgumentException("event " + number + ": flags 0x" + Integer.toHexString(flags)
                        + " (expected: bits 0 to 3, and enabled or pending only with registered)");
            }
            return state;
        }
    }

    public SdeiSnapshot {
        events = List.copyOf(events);
    }

    /**
     * A PE in this state, with an event that the host publishes by and the one that software signals.
     *
     * @throws IllegalArgumentException for an event that there is not, that comes twice, or in a state that is none
     */
    SdeiPe restore(SdeiEvent published) {
        SdeiEvent signalled = new SdeiEvent(SdeiEvent.SOFTWARE_SIGNALLED, false);
        SdeiPe pe = new SdeiPe(signalled, published);
        for (Event event : events) {
            restore(pe, event, published);
        }
        // A critical handler runs on top of a normal one, never below it.
        nest(pe, signalled);
        nest(pe, published);
        if (!peMasked) {
            pe.unmask();
        }
        return pe;
    }

    private static void restore(SdeiPe pe, Event from, SdeiEvent published) {
        SdeiEvent event = pe.event(from.number());
        if (event == null || event.state() != HandlerState.UNREGISTERED) {
            throw new IllegalArgumentException("event " + from.number() + " (expected: " + SdeiEvent.SOFTWARE_SIGNALLED
                    + " or " + published.number() + ", each once)");
        }
        HandlerState state = from.state();
        if (state != HandlerState.UNREGISTERED && from.entry() == 0) {
            throw new IllegalArgumentException(
                    "event " + from.number() + ": entry 0 (expected: the handler's address)");
        }
        if (from.isPending() && (event == published || !state.isRegistered())) {
            throw new IllegalArgumentException("event " + from.number()
                    + ": pending (expected: not, for the event that says \"page not present\" or is not registered)");
        }
        event.restore(state, from.isPending(), from.entry(), from.argument());
    }

    private void nest(SdeiPe pe, SdeiEvent event) {
        if (event.state().isRunning()) {
            for (Event from : events) {
                if (from.number() == event.number()) {
                    pe.restoreRunning(event, from.interrupted());
                }
            }
        }
    }
}
