// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.replay;

import org.HdrHistogram.Histogram;

/**
 * How long faults took, in microseconds; all 0 when there were none.
 *
 * @param count how many faults
 * @param mean their sum divided by their count
 * @param p50 half of them took no longer
 * @param p99 99 of 100 took no longer
 * @param p999 999 of 1,000 took no longer
 * @param max the longest
 */
public record Latency(long count, double mean, double p50, double p99, double p999, double max) {
    private static final double NS_PER_US = 1_000;

    static Latency of(Histogram ns) {
        return new Latency(
                ns.getTotalCount(),
                ns.getTotalCount() == 0 ? 0 : ns.getMean() / NS_PER_US,
                us(ns.getValueAtPercentile(50)),
                us(ns.getValueAtPercentile(99)),
                us(ns.getValueAtPercentile(99.9)),
                us(ns.getTotalCount() == 0 ? 0 : ns.getMaxValue()));
    }

    private static double us(long ns) {
        return ns / NS_PER_US;
    }
}
