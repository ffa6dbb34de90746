// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.replay;

import org.HdrHistogram.Histogram;

/** Counts how long things took, in three digits, each between nothing and an hour. One thread. */
public final class LatencyCount {
    private static final long NS_MAX = 3_600_000_000_000L;
    private static final int SIGNIFICANT_DIGITS = 3;

    private final Histogram ns = new Histogram(NS_MAX, SIGNIFICANT_DIGITS);

    /** Nothing yet. */
    public LatencyCount() {}

    /** Something took so long; below nothing counts as nothing, above an hour as an hour. */
    public void add(long tookNs) {
        ns.recordValue(Math.clamp(tookNs, 0, NS_MAX));
    }

    /** Adds all that another has counted. */
    public void add(LatencyCount other) {
        ns.add(other.ns);
    }

    /** What was counted, in nanoseconds; to be read only. */
    public Histogram ns() {
        return ns;
    }

    /** What was counted, in short. */
    public Latency latency() {
        return Latency.of(ns);
    }
}
