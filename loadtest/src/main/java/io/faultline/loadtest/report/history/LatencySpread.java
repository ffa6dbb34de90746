// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.report.history;

import io.faultline.loadtest.replay.LatencyCount;
import io.faultline.model.PageSource;
import java.util.EnumMap;
import java.util.Map;

/** How long faults took, by what they meant for their vCPU and by where their page came from. One thread. */
final class LatencySpread {
    private final Map<FaultWay, Map<PageSource, LatencyCount>> latencies = new EnumMap<>(FaultWay.class);

    /** Counts a fault that took so long. */
    void add(FaultWay way, PageSource source, long latencyNs) {
        latencies
                .computeIfAbsent(way, _ -> new EnumMap<>(PageSource.class))
                .computeIfAbsent(source, _ -> new LatencyCount())
                .add(latencyNs);
    }

    /** Of the faults of one way, by where their pages came from. */
    Map<PageSource, LatencyCount> of(FaultWay way) {
        return latencies.getOrDefault(way, Map.of());
    }

    /** Of all faults of one way. */
    LatencyCount ofAllSources(FaultWay way) {
        LatencyCount all = new LatencyCount();
        of(way).values().forEach(all::add);
        return all;
    }
}
