// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import static io.faultline.notifier.domain.SdeiResult.DENIED;
import static io.faultline.notifier.domain.SdeiResult.INVALID_PARAMETERS;
import static io.faultline.notifier.domain.SdeiResult.PENDING;
import static io.faultline.notifier.domain.SdeiResult.SUCCESS;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;

/** SDEI on one PE as the specification's prose has it, event by event in booleans: no table, no arrays, no code of the domain's. */
final class SdeiModel {
    private final Map<Long, Event> events = new LinkedHashMap<>();
    private final Deque<Event> stack = new ArrayDeque<>();
    private boolean masked = true;

    private static final class Event {
        private final long number;
        private final boolean critical;
        private boolean registered;
        private boolean enabled;
        private boolean running;
        private boolean pending;

        private Event(long number, boolean critical) {
            this.number = number;
            this.critical = critical;
        }

        private long unregister() {
            if (running) {
                registered = false;
                enabled = false;
                pending = false;
                return PENDING;
            }
            if (!registered) {
                return DENIED;
            }
            registered = false;
            enabled = false;
            pending = false;
            return SUCCESS;
        }
    }

    void add(long number, boolean critical) {
        events.put(number, new Event(number, critical));
    }

    long register(long number, long entry, long flags) {
        Event event = events.get(number);
        if (event == null || entry == 0 || (flags != 0 && flags != 1)) {
            return INVALID_PARAMETERS;
        }
        if (event.registered || event.running) {
            return DENIED;
        }
        event.registered = true;
        return SUCCESS;
    }

    long enable(long number, boolean enable) {
        Event event = events.get(number);
        if (event == null) {
            return INVALID_PARAMETERS;
        }
        if (!event.registered) {
            return DENIED;
        }
        event.enabled = enable;
        return SUCCESS;
    }

    long unregister(long number) {
        Event event = events.get(number);
        return event == null ? INVALID_PARAMETERS : event.unregister();
    }

    long status(long number) {
        Event event = events.get(number);
        return event == null
                ? INVALID_PARAMETERS
                : (event.registered ? 1 : 0) + (event.enabled ? 2 : 0) + (event.running ? 4 : 0);
    }

    long mask() {
        boolean was = masked;
        masked = true;
        return was ? 0 : 1;
    }

    long unmask() {
        masked = false;
        return SUCCESS;
    }

    long reset() {
        boolean anyRuns = false;
        for (Event event : events.values()) {
            anyRuns |= event.running;
            if (event.registered) {
                event.unregister();
            }
        }
        return anyRuns ? DENIED : SUCCESS;
    }

    long signal() {
        Event event = events.get(0L);
        if (event == null || masked || !event.registered || !event.enabled) {
            return INVALID_PARAMETERS;
        }
        event.pending = true;
        return SUCCESS;
    }

    void trigger(long number) {
        Event event = events.get(number);
        if (event != null && event.registered) {
            event.pending = true;
        }
    }

    /** The number of the event that is dispatched next, or -1. */
    long dispatch() {
        Event best = null;
        for (Event event : events.values()) {
            boolean due = event.pending && event.registered && event.enabled && !event.running && !masked;
            boolean preempts = event.critical ? stack.stream().noneMatch(other -> other.critical) : stack.isEmpty();
            if (due && preempts && (best == null || (event.critical && !best.critical))) {
                best = event;
            }
        }
        if (best == null) {
            return -1;
        }
        best.pending = false;
        best.running = true;
        stack.push(best);
        return best.number;
    }

    /** The number of the event that completed, or -1 when none was running. */
    long complete() {
        if (stack.isEmpty()) {
            return -1;
        }
        Event event = stack.pop();
        event.running = false;
        return event.number;
    }

    boolean isPending(long number) {
        Event event = events.get(number);
        return event != null && event.pending;
    }

    int depth() {
        return stack.size();
    }
}
