// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import io.faultline.model.AuditStep;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A bounded queue of steps between two threads. Exactly one thread offers (the event loop) and one polls (the
 * publisher); the counters may be read by any.
 */
final class AuditRing {
    /*
     * Steps are fixed-width, eight longs, one cache line each, in one array. Two counters that only grow say how many
     * steps were offered and polled; the step number n lies at n modulo the capacity. The offering side writes the
     * words and then releases "offered", the polling side acquires it before it reads them, and the other way round
     * for "polled": that is all the synchronization there is. The offering side looks at "polled" only when the ring
     * seems full by the value it saw last, so that in the usual case no line travels between the two cores.
     *
     * A full ring drops the step instead of waiting: the caller is an event loop.
     */
    private static final int WORDS = 8;
    private static final int WORDS_SHIFT = 3;
    private static final long LOW_HALF = 0xFFFF_FFFFL;

    private static final VarHandle OFFERED;
    private static final VarHandle POLLED;
    private static final VarHandle DROPPED;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            OFFERED = lookup.findVarHandle(AuditRing.class, "offered", long.class);
            POLLED = lookup.findVarHandle(AuditRing.class, "polled", long.class);
            DROPPED = lookup.findVarHandle(AuditRing.class, "dropped", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final long[] words;
    private final int capacity;
    private final int mask;

    private long offered;
    private long polledSeen;
    private long dropped;

    private long polled;

    /** A ring for that many steps, rounded up to a power of two. */
    AuditRing(int steps) {
        if (steps < 1 || steps > 1 << 24) {
            throw new IllegalArgumentException("steps: " + steps + " (expected: 1 to 16777216)");
        }
        this.capacity = steps == 1 ? 1 : Integer.highestOneBit(steps - 1) << 1;
        this.mask = capacity - 1;
        this.words = new long[capacity * WORDS];
    }

    /** Copies a step in; false, and one more dropped, if the ring is full. The offering thread only. */
    boolean offer(AuditStep step, long timeUs) {
        long at = offered;
        if (at - polledSeen == capacity) {
            polledSeen = (long) POLLED.getAcquire(this);
            if (at - polledSeen == capacity) {
                DROPPED.setRelease(this, dropped + 1);
                return false;
            }
        }
        int word = ((int) at & mask) << WORDS_SHIFT;
        long[] into = words;
        into[word] = step.vmId();
        into[word + 1] = step.sequence();
        into[word + 2] = timeUs;
        into[word + 3] = step.epoch();
        into[word + 4] = step.gfn();
        into[word + 5] = step.cause();
        into[word + 6] = ((long) step.vcpuId() << Integer.SIZE) | (step.token() & LOW_HALF);
        into[word + 7] = ((long) step.detail() << Integer.SIZE) | step.kind().code();
        OFFERED.setRelease(this, at + 1);
        return true;
    }

    /** Copies the oldest step out; false if the ring is empty. The polling thread only. */
    boolean poll(StepRecord into) {
        long at = polled;
        if (at == (long) OFFERED.getAcquire(this)) {
            return false;
        }
        int word = ((int) at & mask) << WORDS_SHIFT;
        long[] from = words;
        into.vmId = from[word];
        into.sequence = from[word + 1];
        into.timeUs = from[word + 2];
        into.epoch = from[word + 3];
        into.gfn = from[word + 4];
        into.cause = from[word + 5];
        into.vcpuId = (int) (from[word + 6] >>> Integer.SIZE);
        into.token = (int) from[word + 6];
        into.detail = (int) (from[word + 7] >>> Integer.SIZE);
        into.kind = (int) from[word + 7];
        POLLED.setRelease(this, at + 1);
        return true;
    }

    /** How many steps lie in the ring now. */
    int depth() {
        long out = (long) POLLED.getAcquire(this);
        return (int) ((long) OFFERED.getAcquire(this) - out);
    }

    /** How many steps fit. */
    int capacity() {
        return capacity;
    }

    /** How many steps were offered and taken in. */
    long offered() {
        return (long) OFFERED.getAcquire(this);
    }

    /** How many steps found the ring full. */
    long dropped() {
        return (long) DROPPED.getAcquire(this);
    }
}
