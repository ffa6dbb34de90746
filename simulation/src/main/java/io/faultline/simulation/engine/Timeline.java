// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.engine;

import java.util.PriorityQueue;

/**
 * Virtual time and what is to happen in it. A step is one event; events of the same time happen in the order in which they
 * were planned. One thread.
 */
public final class Timeline {
    private static final int EVENTS_MAX = 1 << 20;

    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private long nowNs;
    private long planned;
    private long steps;

    /** The time in nanoseconds since the run began. */
    public long nowNs() {
        return nowNs;
    }

    /** Events that have happened. */
    public long steps() {
        return steps;
    }

    /** Plans an event. */
    public void after(long delayNs, Runnable action) {
        if (events.size() >= EVENTS_MAX) {
            throw new IllegalStateException("events planned: " + events.size() + " (expected: < " + EVENTS_MAX + ")");
        }
        events.add(new Event(nowNs + delayNs, planned++, action));
    }

    /** Plans an event that does not happen if a process has ended by then. */
    public void after(long delayNs, Life life, Runnable action) {
        after(delayNs, () -> {
            if (life.isAlive()) {
                action.run();
            }
        });
    }

    /** Has the next event happen; false when nothing is planned. */
    public boolean step() {
        Event event = events.poll();
        if (event == null) {
            return false;
        }
        nowNs = event.timeNs;
        steps++;
        event.action.run();
        return true;
    }

    private record Event(long timeNs, long order, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(timeNs, other.timeNs);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }
}
