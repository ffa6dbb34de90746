// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.check;

import io.faultline.model.AsyncPf;
import io.faultline.notifier.domain.SdeiResult;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * What a PE's SDEI state must be, told apart from the domain's tables: two events with four facts each, which of their handlers
 * is on top, and what each call makes of them. One thread.
 */
final class ShadowPe {
    /** A result that is not foretold. */
    static final long ANY = Long.MIN_VALUE;

    private static final int EVENT_REGISTER = 0xC400_0021;
    private static final int EVENT_ENABLE = 0xC400_0022;
    private static final int EVENT_DISABLE = 0xC400_0023;
    private static final int EVENT_UNREGISTER = 0xC400_0027;
    private static final int EVENT_STATUS = 0xC400_0028;
    private static final int PE_MASK = 0xC400_002B;
    private static final int PE_UNMASK = 0xC400_002C;
    private static final int PRIVATE_RESET = 0xC400_0031;
    private static final int SHARED_RESET = 0xC400_0032;
    private static final int SOFTWARE_SIGNALLED = 0;

    boolean masked = true;
    /** Critical: what "page not present" is published by. */
    ShadowEvent published = new ShadowEvent();
    /** Normal: what vCPUs signal each other by. */
    ShadowEvent signalled = new ShadowEvent();

    private final ArrayDeque<ShadowEvent> handlers = new ArrayDeque<>();

    /** One event. */
    static final class ShadowEvent {
        boolean registered;
        boolean enabled;
        boolean running;
        boolean pending;

        private boolean isDue() {
            return pending && registered && enabled && !running;
        }

        private long register() {
            if (registered || running) {
                return SdeiResult.DENIED;
            }
            registered = true;
            return SdeiResult.SUCCESS;
        }

        private long enable(boolean on) {
            if (!registered) {
                return SdeiResult.DENIED;
            }
            enabled = on;
            return SdeiResult.SUCCESS;
        }

        private long unregister() {
            if (!registered) {
                return running ? SdeiResult.PENDING : SdeiResult.DENIED;
            }
            registered = false;
            enabled = false;
            pending = false;
            return running ? SdeiResult.PENDING : SdeiResult.SUCCESS;
        }
    }

    void reset() {
        masked = true;
        published = new ShadowEvent();
        signalled = new ShadowEvent();
        handlers.clear();
    }

    /** Whether a publication would be dispatched at once. */
    boolean isReceptive() {
        return !masked && published.registered && published.enabled && handlers.isEmpty();
    }

    /** The event that must be dispatched now, or null. */
    @Nullable
    ShadowEvent due() {
        if (masked) {
            return null;
        }
        if (published.isDue() && (handlers.isEmpty() || handlers.peek() == signalled)) {
            return published;
        }
        return signalled.isDue() && handlers.isEmpty() ? signalled : null;
    }

    @Nullable
    ShadowEvent event(long number) {
        if (number == AsyncPf.DEFAULT_SDEI_EVENT) {
            return published;
        }
        return number == SOFTWARE_SIGNALLED ? signalled : null;
    }

    void dispatch(ShadowEvent event) {
        event.pending = false;
        event.running = true;
        handlers.push(event);
    }

    /** Ends the innermost handler; its event, or null when none runs. */
    @Nullable
    ShadowEvent complete() {
        ShadowEvent ended = handlers.poll();
        if (ended != null) {
            ended.running = false;
        }
        return ended;
    }

    /** EVENT_SIGNAL's target. */
    long signal() {
        if (masked || !signalled.registered || !signalled.enabled) {
            return SdeiResult.INVALID_PARAMETERS;
        }
        signalled.pending = true;
        return SdeiResult.SUCCESS;
    }

    /** What a call must return, after which the state is what it made of it; {@link #ANY} when not foretold. */
    long call(int function, long number) {
        return switch (function) {
            case PE_MASK -> {
                long result = masked ? 0 : 1;
                masked = true;
                yield result;
            }
            case PE_UNMASK -> {
                masked = false;
                yield SdeiResult.SUCCESS;
            }
            case PRIVATE_RESET -> {
                boolean isOneRunning = signalled.unregister() == SdeiResult.PENDING;
                isOneRunning |= published.unregister() == SdeiResult.PENDING;
                yield isOneRunning ? SdeiResult.DENIED : SdeiResult.SUCCESS;
            }
            case SHARED_RESET -> SdeiResult.SUCCESS;
            case EVENT_REGISTER, EVENT_ENABLE, EVENT_DISABLE, EVENT_UNREGISTER, EVENT_STATUS -> {
                ShadowEvent event = event(number);
                yield event == null ? SdeiResult.INVALID_PARAMETERS : aboutEvent(event, function);
            }
            default -> ANY;
        };
    }

    private static long aboutEvent(ShadowEvent event, int function) {
        return switch (function) {
            case EVENT_REGISTER -> event.register();
            case EVENT_ENABLE -> event.enable(true);
            case EVENT_DISABLE -> event.enable(false);
            case EVENT_UNREGISTER -> event.unregister();
            default -> (event.registered ? 1 : 0) + (event.enabled ? 2 : 0) + (event.running ? 4 : 0);
        };
    }
}
