// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.peers.faults;

import io.faultline.peers.CpuMeter;
import io.faultline.peers.Sample;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** The faults of one window: how many, how they ended, when each came past which point. Loop thread only. */
final class FaultWindow {
    private static final double NS_A_US = 1_000;
    private static final double NS_A_S = 1e9;
    private static final double PERCENT = 100;

    private final long beginNs = System.nanoTime();
    private final long untilNs;
    private long endNs = beginNs;
    private long resolved;
    private long cancelled;
    private long synchronous;
    private int busy;

    private final Histogram wholeNs = new Histogram(3);
    private final Histogram decidedNs = new Histogram(3);
    private final Histogram toldNs = new Histogram(3);
    private final Histogram readyNs = new Histogram(3);
    private final Histogram resolvedNs = new Histogram(3);

    FaultWindow(long durationNs) {
        untilNs = beginNs + durationNs;
    }

    void began() {
        busy++;
    }

    boolean goesOn() {
        return endNs - untilNs < 0;
    }

    boolean isIdle() {
        return busy == 0;
    }

    void decided(long tookNs) {
        decidedNs.recordValue(tookNs);
    }

    void told(long tookNs) {
        toldNs.recordValue(tookNs);
    }

    void ready(long tookNs) {
        readyNs.recordValue(tookNs);
    }

    void resolved(long tookNs) {
        resolvedNs.recordValue(tookNs);
    }

    /** A fault and all that it caused is over. */
    void ended(How how, long raisedNs) {
        endNs = System.nanoTime();
        busy--;
        wholeNs.recordValue(endNs - raisedNs);
        switch (how) {
            case READY -> resolved++;
            case CANCELLED -> cancelled++;
            case SYNCHRONOUS -> synchronous++;
        }
    }

    /** What came of it: only faults that went asynchronous to their end count. */
    Sample sample(CpuMeter cpu) {
        long all = resolved + cancelled + synchronous;
        Map<String, Double> more = cpu.end(all, "fault");
        more.put("asynchronous_percent", PERCENT * (resolved + cancelled) / all);
        phase(more, "phase_1_raised_to_decided_p50_us", decidedNs);
        phase(more, "phase_2_raised_to_guest_told_p50_us", toldNs);
        phase(more, "phase_3_raised_to_page_ready_p50_us", readyNs);
        phase(more, "phase_4_raised_to_resolved_p50_us", resolvedNs);
        phase(more, "phase_5_raised_to_acknowledged_p50_us", wholeNs);
        return new Sample(
                (resolved + cancelled) / ((endNs - beginNs) / NS_A_S),
                wholeNs.getValueAtPercentile(50) / NS_A_US,
                wholeNs.getValueAtPercentile(99) / NS_A_US,
                more);
    }

    private static void phase(Map<String, Double> more, String name, Histogram times) {
        if (times.getTotalCount() > 0) {
            more.put(name, times.getValueAtPercentile(50) / NS_A_US);
        }
    }

    /** How a fault ended. */
    enum How {
        /** By page-ready. */
        READY,
        /** By taking its notification back. */
        CANCELLED,
        /** Without a token. */
        SYNCHRONOUS
    }
}
