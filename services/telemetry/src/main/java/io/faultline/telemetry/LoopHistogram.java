// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.telemetry;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Values counted by buckets. Recorded by one thread, an event loop, at the cost of two plain additions; read by any thread at
 * any time.
 */
public final class LoopHistogram {
    /*
     * One cell a bucket, one for what is beyond the last bound, one for the sum. With one writer no read-modify-write is
     * needed, only that readers see whole and growing values. The count is the sum of the buckets, so that the two never
     * disagree; the sum may be one value ahead or behind.
     */
    private final long[] bounds;
    private final AtomicLongArray cells;
    /* One a bucket; made with the first, for most histograms never have any. */
    private volatile @Nullable AtomicReferenceArray<@Nullable Exemplar> exemplars;

    /** Empty, with buckets up to each of these bounds (ascending, inclusive) and one beyond. */
    LoopHistogram(long[] bounds) {
        this.bounds = bounds;
        cells = new AtomicLongArray(bounds.length + 2);
    }

    /** Records a value; the recording thread only. */
    public void record(long value) {
        record(value, 1);
    }

    /** Records a value as often as said; the recording thread only. */
    public void record(long value, int times) {
        add(bucket(value), times);
        add(bounds.length + 1, value * times);
    }

    /**
     * Records a value and the trace that shows where it comes from, the newest of each bucket; the recording thread only.
     *
     * @param unixMs when it was, in milliseconds since the epoch
     */
    public void record(long value, TraceParent trace, long unixMs) {
        record(value);
        AtomicReferenceArray<@Nullable Exemplar> newest = exemplars;
        if (newest == null) {
            newest = new AtomicReferenceArray<>(bounds.length + 1);
            exemplars = newest;
        }
        newest.setRelease(bucket(value), new Exemplar(value, trace, unixMs));
    }

    /** How many values were recorded. */
    public long count() {
        long count = 0;
        for (int i = 0; i <= bounds.length; i++) {
            count += bucketCount(i);
        }
        return count;
    }

    /** The sum of the values recorded. */
    public long sum() {
        return cells.getAcquire(bounds.length + 1);
    }

    /** How many values fell in a bucket, 0 to the number of bounds. */
    long bucketCount(int bucket) {
        return cells.getAcquire(bucket);
    }

    /** The newest traced value in a bucket, or null. */
    @Nullable
    Exemplar exemplar(int bucket) {
        AtomicReferenceArray<@Nullable Exemplar> newest = exemplars;
        return newest == null ? null : newest.getAcquire(bucket);
    }

    private int bucket(long value) {
        int bucket = 0;
        while (bucket < bounds.length && value > bounds[bucket]) {
            bucket++;
        }
        return bucket;
    }

    private void add(int cell, long increment) {
        cells.setRelease(cell, cells.getPlain(cell) + increment);
    }

    /**
     * A value whose origin a trace shows.
     *
     * @param value the value
     * @param trace the span that it is of
     * @param unixMs when it was recorded, in milliseconds since the epoch
     */
    record Exemplar(long value, TraceParent trace, long unixMs) {}
}
