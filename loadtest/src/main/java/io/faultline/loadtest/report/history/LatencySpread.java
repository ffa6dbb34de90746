// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.report.history;

import io.faultline.model.PageSource;
import java.util.EnumMap;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** How long faults took, by what they meant for their vCPU and by where their page came from. One thread. */
final class LatencySpread {
    /** A longer latency, an hour, counts as this one. */
    private static final long LATENCY_MAX_NS = 3_600_000_000_000L;

    private static final int SIGNIFICANT_DIGITS = 3;

    private final Map<FaultWay, Map<PageSource, Histogram>> ns = new EnumMap<>(FaultWay.class);

    /** Counts a fault that took so long. */
    void add(FaultWay way, PageSource source, long latencyNs) {
        ns.computeIfAbsent(way, _ -> new EnumMap<>(PageSource.class))
                .computeIfAbsent(source, _ -> newHistogram())
                .recordValue(Math.clamp(latencyNs, 0, LATENCY_MAX_NS));
    }

    /** Of the faults of one way, by where their pages came from. */
    Map<PageSource, Histogram> of(FaultWay way) {
        return ns.getOrDefault(way, Map.of());
    }

    /** Of all faults of one way. */
    Histogram ofAllSources(FaultWay way) {
        Histogram all = newHistogram();
        of(way).values().forEach(all::add);
        return all;
    }

    private static Histogram newHistogram() {
        return new Histogram(LATENCY_MAX_NS, SIGNIFICANT_DIGITS);
    }
}
