// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.telemetry.trace;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Traced work that has ended, on its way from a loop to the publisher. Exactly one thread offers (the loop) and one polls (the
 * publisher). Full, it drops what is offered: the loop never waits.
 */
public final class TraceQueue {
    /** How much may lie in a queue: at the publisher's two batches a second, traced work of 2,000 faults a second. */
    static final int CAPACITY = 1_024;

    private final boolean isOn;
    private final AtomicReferenceArray<@Nullable TracedWork> cells = new AtomicReferenceArray<>(CAPACITY);
    private final AtomicLong recorded = new AtomicLong();
    private final AtomicLong queueFull = new AtomicLong();
    private final AtomicLong tableFull = new AtomicLong();
    private final AtomicLong abandoned = new AtomicLong();
    private long polled;

    private TraceQueue(boolean isOn) {
        this.isOn = isOn;
    }

    /** An empty queue, which a publisher empties. */
    public static TraceQueue on() {
        return new TraceQueue(true);
    }

    /** A queue of a service that sends no traces. */
    public static TraceQueue off() {
        return new TraceQueue(false);
    }

    /** Whether this service sends traces. */
    public boolean isOn() {
        return isOn;
    }

    /** Takes work that has ended; full, drops and counts it. The offering thread only. */
    void offer(TracedWork work) {
        long at = recorded.getPlain();
        int cell = (int) (at % CAPACITY);
        if (cells.getAcquire(cell) != null) {
            count(queueFull);
            return;
        }
        cells.setRelease(cell, work);
        count(recorded);
    }

    /** The oldest work, or null; the polling thread only. */
    @Nullable
    TracedWork poll() {
        int cell = (int) (polled % CAPACITY);
        TracedWork work = cells.getAcquire(cell);
        if (work != null) {
            cells.setRelease(cell, null);
            polled++;
        }
        return work;
    }

    /** Work was not followed, for too much was open already. The offering thread only. */
    void countTableFull() {
        count(tableFull);
    }

    /** Work was given up, for it did not end. The offering thread only. */
    void countAbandoned() {
        count(abandoned);
    }

    /** Work taken in; from any thread. */
    public long recorded() {
        return recorded.getAcquire();
    }

    /** Work that found the queue full; from any thread. */
    public long queueFull() {
        return queueFull.getAcquire();
    }

    /** Work that was not followed; from any thread. */
    public long tableFull() {
        return tableFull.getAcquire();
    }

    /** Work that was given up; from any thread. */
    public long abandoned() {
        return abandoned.getAcquire();
    }

    private static void count(AtomicLong counter) {
        counter.setRelease(counter.getPlain() + 1);
    }
}
