// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace.info;

import java.util.ArrayList;
import java.util.List;

/**
 * Faults and distinct pages by intervals of a time that need not be known before: a fixed number of intervals, which become
 * twice as long when they do not suffice. Not thread-safe.
 */
public final class WorkingSet {
    /*
     * Two intervals that become one do not have as many pages as both together. So a page's first reference in an
     * interval is counted by the interval of its reference before that: when two intervals become one, what the later one
     * counted for the earlier one is left out, and everything else adds up.
     */

    /** How many intervals there are at most. */
    public static final int INTERVALS_MAX = 128;

    /** A first reference to a page: there was none before. */
    public static final long NEVER = -1;

    /**
     * An interval.
     *
     * @param faults how many references it had
     * @param pages how many distinct pages, an estimate where pages were sampled
     */
    public record Interval(long faults, long pages) {}

    private final long[] faults = new long[INTERVALS_MAX];
    private final double[] firsts = new double[INTERVALS_MAX];
    private final double[][] returns = new double[INTERVALS_MAX][INTERVALS_MAX];
    private long width = 1;
    private int last;

    /** Counts a reference, sampled or not, at a time from 0 on that does not decrease. */
    public void addFault(long time) {
        while (time / width >= INTERVALS_MAX) {
            merge();
        }
        last = (int) (time / width);
        faults[last]++;
    }

    /**
     * Counts the page of that reference.
     *
     * @param previousTime when it was referenced before, or {@link #NEVER}
     * @param weight for how many pages it stands
     */
    public void addPage(long previousTime, double weight) {
        if (previousTime == NEVER) {
            firsts[last] += weight;
            return;
        }
        int previous = (int) (previousTime / width);
        if (previous != last) {
            returns[last][previous] += weight;
        }
    }

    /** How long an interval is, in units of the time that was given. */
    public long width() {
        return width;
    }

    /** The intervals up to the last one that has a reference. */
    public List<Interval> intervals() {
        List<Interval> intervals = new ArrayList<>();
        for (int i = 0; i <= last; i++) {
            double pages = firsts[i];
            for (double ofReturn : returns[i]) {
                pages += ofReturn;
            }
            intervals.add(new Interval(faults[i], Math.round(pages)));
        }
        return intervals;
    }

    /** Makes intervals longer until there are at most so many. */
    void coarsen(int intervalsMax) {
        while (last >= intervalsMax) {
            merge();
        }
    }

    private void merge() {
        for (int i = 0; i < INTERVALS_MAX; i++) {
            int into = i / 2;
            long faultsOfInterval = faults[i];
            double firstsOfInterval = firsts[i];
            faults[i] = 0;
            firsts[i] = 0;
            faults[into] += faultsOfInterval;
            firsts[into] += firstsOfInterval;
            for (int previous = 0; previous < i; previous++) {
                double returned = returns[i][previous];
                returns[i][previous] = 0;
                if (previous / 2 != into) {
                    returns[into][previous / 2] += returned;
                }
            }
        }
        width *= 2;
        last /= 2;
    }
}
