// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.report.history;

import java.util.Arrays;

/**
 * Sums by slots of a time whose length need not be known before: a fixed number of slots, which become twice as long when
 * they do not suffice. Times are nanoseconds from the beginning. One thread.
 */
final class TimeSlots {
    /** How many slots there are at most; once the first doubling has come, at least half as many. */
    static final int SLOTS_MAX = 128;

    private static final long WIDTH_LEAST_NS = 1_000_000;

    private final long[][] sums;
    private long widthNs = WIDTH_LEAST_NS;
    private int last;

    /** Empty slots for so many series. */
    TimeSlots(int series) {
        sums = new long[series][SLOTS_MAX];
    }

    /** Adds to the slot of a time. */
    void add(int series, long timeNs, long amount) {
        sums[series][slotOf(timeNs)] += amount;
    }

    /** Adds to every slot that a stretch of time touches {@code weight} for each nanosecond of it. */
    void addOver(int series, long fromNs, long toNs, long weight) {
        if (toNs <= fromNs) {
            return;
        }
        int end = slotOf(toNs);
        for (int slot = slotOf(fromNs); slot <= end; slot++) {
            long beginsNs = Math.max(fromNs, slot * widthNs);
            long endsNs = Math.min(toNs, (slot + 1) * widthNs);
            sums[series][slot] += weight * (endsNs - beginsNs);
        }
    }

    /** How long a slot is, in nanoseconds. */
    long widthNs() {
        return widthNs;
    }

    /** What was added, by slot, up to the last slot that anything was added to. */
    long[] sums(int series) {
        return Arrays.copyOf(sums[series], last + 1);
    }

    private int slotOf(long timeNs) {
        while (timeNs / widthNs >= SLOTS_MAX) {
            merge();
        }
        int slot = (int) (timeNs / widthNs);
        last = Math.max(last, slot);
        return slot;
    }

    private void merge() {
        for (long[] series : sums) {
            for (int slot = 0; slot < SLOTS_MAX / 2; slot++) {
                series[slot] = series[2 * slot] + series[2 * slot + 1];
            }
            Arrays.fill(series, SLOTS_MAX / 2, SLOTS_MAX, 0);
        }
        widthNs *= 2;
        last /= 2;
    }
}
