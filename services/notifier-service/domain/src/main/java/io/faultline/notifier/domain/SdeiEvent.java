// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import org.jspecify.annotations.Nullable;

/**
 * One private SDEI event on one PE: its handler's state, and whether it was triggered and not dispatched yet. Pending is a
 * bit, not a count. Owned by the vCPU's thread.
 */
final class SdeiEvent {
    /** The event that software signals, from any PE of the VM to any other or to itself. */
    static final int SOFTWARE_SIGNALLED = 0;

    private final int number;
    private final boolean critical;
    private HandlerState state = HandlerState.UNREGISTERED;
    private boolean pending;
    private long entry;
    private long argument;

    SdeiEvent(int number, boolean critical) {
        this.number = number;
        this.critical = critical;
    }

    /** Moves on by the table; false when the action is refused, and nothing changed. */
    boolean apply(HandlerAction action) {
        @Nullable HandlerState next = state.after(action);
        if (next == null) {
            return false;
        }
        state = next;
        return true;
    }

    /** Registers a handler; false when one is registered, or still running. */
    boolean register(long entry, long argument) {
        if (!apply(HandlerAction.REGISTER)) {
            return false;
        }
        this.entry = entry;
        this.argument = argument;
        return true;
    }

    /** Unregisters the handler and drops what is pending; PENDING while the handler runs. */
    long unregister() {
        if (state == HandlerState.RUNNING_UNREGISTERED) {
            return SdeiResult.PENDING;
        }
        if (!apply(HandlerAction.UNREGISTER)) {
            return SdeiResult.DENIED;
        }
        pending = false;
        return state.isRunning() ? SdeiResult.PENDING : SdeiResult.SUCCESS;
    }

    /** Marks the event as triggered; it stays so until dispatched, taken back or unregistered. */
    void trigger() {
        pending = state.isRegistered();
    }

    /** Takes a trigger back that was not dispatched yet. */
    void cancel() {
        pending = false;
    }

    /** Takes over what another event was. */
    void restore(HandlerState state, boolean pending, long entry, long argument) {
        this.state = state;
        this.pending = pending;
        this.entry = entry;
        this.argument = argument;
    }

    /** Starts the handler. */
    void dispatch() {
        if (!pending || !apply(HandlerAction.DISPATCH)) {
            throw new IllegalStateException(
                    "event: " + state + ", pending " + pending + " (expected: enabled, not running and pending)");
        }
        pending = false;
    }

    boolean isDispatchable() {
        return pending && state == HandlerState.ENABLED;
    }

    int number() {
        return number;
    }

    boolean isCritical() {
        return critical;
    }

    HandlerState state() {
        return state;
    }

    boolean isPending() {
        return pending;
    }

    long entry() {
        return entry;
    }

    long argument() {
        return argument;
    }
}
