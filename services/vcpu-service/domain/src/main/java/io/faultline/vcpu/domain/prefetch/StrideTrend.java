// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain.prefetch;

/**
 * The last misses of one stream as the strides between them, and the stride that most of the latest ones have. Owned by
 * one thread.
 */
/*
 * A stride is the trend when it makes up more than half of the latest 4, 8, 16 or 32, the smallest such window deciding:
 * a new course is followed after three strides, and one that other accesses interrupt is still seen in a larger window
 * (the idea is that of Leap, Al Maruf and Chowdhury, USENIX ATC 2020). A candidate is found by Boyer and Moore's vote in
 * one pass and counted in a second, for the vote names one also where there is no majority.
 *
 * Where a stride has more than half of a window, two of its occurrences are neighbours. So as long as no two neighbours
 * are equal there is nothing to vote on: a random stream costs one comparison a miss.
 */
public final class StrideTrend {
    /** No stride has a majority. */
    public static final long NONE = 0;

    /** The strides that are remembered. */
    static final int STRIDES = 32;

    private static final int SMALLEST_WINDOW = 4;
    private static final int INDEX_MASK = STRIDES - 1;

    private final long[] strides = new long[STRIDES];
    private int newest = INDEX_MASK;
    private int count = -1;
    /** How many strides ago two neighbours were equal. */
    private int sinceEqual = STRIDES;

    private long lastGfn;

    /** Notes a miss. */
    public void missed(long gfn) {
        long stride = gfn - lastGfn;
        lastGfn = gfn;
        if (count < 0) {
            count = 0;
            return;
        }
        boolean isEqual = count > 0 && strides[newest] == stride;
        sinceEqual = isEqual ? 0 : Math.min(sinceEqual + 1, STRIDES);
        newest = (newest + 1) & INDEX_MASK;
        strides[newest] = stride;
        count = Math.min(count + 1, STRIDES);
    }

    /** The stride from the last miss but one to the last; 0 before there are two. */
    public long lastStride() {
        return strides[newest];
    }

    /** The stride that most of the latest misses have, in pages, of either sign; {@link #NONE} without a majority. */
    public long majority() {
        for (int window = SMALLEST_WINDOW; window <= count; window *= 2) {
            // The pair's older stride is one further back.
            if (sinceEqual + 1 < window) {
                long candidate = vote(window);
                if (occurrences(candidate, window) > window / 2) {
                    return candidate;
                }
            }
        }
        return NONE;
    }

    private long vote(int window) {
        long candidate = NONE;
        int lead = 0;
        for (int back = 0; back < window; back++) {
            long stride = strides[(newest - back) & INDEX_MASK];
            if (lead == 0) {
                candidate = stride;
            }
            lead += stride == candidate ? 1 : -1;
        }
        return candidate;
    }

    private int occurrences(long stride, int window) {
        int occurrences = 0;
        for (int back = 0; back < window; back++) {
            occurrences += strides[(newest - back) & INDEX_MASK] == stride ? 1 : 0;
        }
        return occurrences;
    }
}
