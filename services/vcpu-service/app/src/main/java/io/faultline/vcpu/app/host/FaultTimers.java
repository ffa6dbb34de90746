// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.host;

import io.faultline.model.Tier;
import io.faultline.telemetry.HistogramFamily;
import io.faultline.telemetry.LoopHistogram;
import io.faultline.telemetry.Meters;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;

/** The timers {@code faultline.vcpu.*}: how long faults, their phases and fetches take. Recorded by the loop, read by any thread. */
public final class FaultTimers implements MeterBinder {
    private static final String MODE = "mode";

    private final HistogramFamily faults =
            HistogramFamily.ofDurations("faultline.vcpu.fault", "raised to terminal outcome");
    private final HistogramFamily stalls =
            HistogramFamily.ofDurations("faultline.vcpu.stall", "raised to the moment when the vCPU may run on");
    private final HistogramFamily phases =
            HistogramFamily.ofDurations("faultline.vcpu.phase", "the parts of a fault that was not answered at once");
    private final HistogramFamily fetches =
            HistogramFamily.ofDurations("faultline.vcpu.fetch", "request sent to the pager, to its reply");

    private final LoopHistogram mappedAtOnce = faults.with("kind", "mapped", MODE, "immediate");
    private final LoopHistogram mappedSync = faults.with("kind", "mapped", MODE, "sync");
    private final LoopHistogram resolvedAsync = faults.with("kind", "resolved", MODE, "async");
    private final LoopHistogram failedSync = faults.with("kind", "failed", MODE, "sync");
    private final LoopHistogram failedAsync = faults.with("kind", "failed", MODE, "async");
    private final LoopHistogram stallAtOnce = stalls.with(MODE, "immediate");
    private final LoopHistogram stallSync = stalls.with(MODE, "sync");
    private final LoopHistogram stallAsync = stalls.with(MODE, "async");
    private final LoopHistogram queue = phase("queue");
    private final LoopHistogram publish = phase("publish");
    private final LoopHistogram fetch = phase("fetch");
    private final LoopHistogram verify = phase("verify");
    private final LoopHistogram map = phase("map");
    private final LoopHistogram notify = phase("notify");
    private final LoopHistogram dram = fetchFrom(Tier.DRAM);
    private final LoopHistogram compressed = fetchFrom(Tier.COMPRESSED);
    private final LoopHistogram swapStore = fetchFrom(Tier.SWAP_STORE);
    private final LoopHistogram absent = fetches.with("tier", "none", "outcome", "absent");
    private final LoopHistogram corrupt = fetches.with("tier", "none", "outcome", "corrupt");
    private final LoopHistogram unavailable = fetches.with("tier", "none", "outcome", "unavailable");

    /** Timers that have recorded nothing. */
    public FaultTimers() {}

    private LoopHistogram phase(String name) {
        return phases.with("phase", name);
    }

    private LoopHistogram fetchFrom(Tier tier) {
        return fetches.with("tier", Meters.tagValue(tier), "outcome", "found");
    }

    /** A fault ended as MAPPED. */
    public void mapped(FaultTimes times, boolean atOnce, long nowNs) {
        end(times, atOnce ? mappedAtOnce : mappedSync, atOnce ? stallAtOnce : stallSync, nowNs);
        if (!atOnce) {
            phasesOf(times);
        }
    }

    /** A fault ended as RESOLVED. */
    public void resolved(FaultTimes times, long nowNs) {
        end(times, resolvedAsync, stallAsync, nowNs);
        phasesOf(times);
        if (times.mappedNs != FaultTimes.NEVER) {
            record(notify, nowNs - times.mappedNs, times);
        }
    }

    /** A fault ended as FAILED. */
    public void failed(FaultTimes times, long nowNs) {
        boolean isAsync = times.acceptedNs != FaultTimes.NEVER;
        end(times, isAsync ? failedAsync : failedSync, isAsync ? stallAsync : stallSync, nowNs);
    }

    private static void end(FaultTimes times, LoopHistogram whole, LoopHistogram stall, long nowNs) {
        long runsOnNs = times.acceptedNs == FaultTimes.NEVER ? nowNs : times.acceptedNs;
        record(whole, nowNs - times.raisedNs, times);
        record(stall, runsOnNs - times.raisedNs, times);
    }

    private static void record(LoopHistogram histogram, long durationNs, FaultTimes times) {
        if (times.trace == null) {
            histogram.record(durationNs);
        } else {
            histogram.record(durationNs, times.trace.whole(), System.currentTimeMillis());
        }
    }

    private void phasesOf(FaultTimes times) {
        record(queue, times.decidedNs - times.raisedNs, times);
        if (times.acceptedNs != FaultTimes.NEVER) {
            record(publish, times.acceptedNs - times.decidedNs, times);
        }
        if (times.arrivedNs != FaultTimes.NEVER) {
            record(fetch, times.arrivedNs - times.decidedNs, times);
            if (times.mappedNs != FaultTimes.NEVER) {
                record(map, times.mappedNs - times.arrivedNs, times);
            }
        }
    }

    /** A page came from a tier. */
    public void fetched(int tierCode, long durationNs) {
        if (tierCode == Tier.DRAM.code()) {
            dram.record(durationNs);
        } else if (tierCode == Tier.COMPRESSED.code()) {
            compressed.record(durationNs);
        } else {
            swapStore.record(durationNs);
        }
    }

    /** No tier has a page. */
    public void absent(long durationNs) {
        absent.record(durationNs);
    }

    /** A page is not what it was. */
    public void corrupt(long durationNs) {
        corrupt.record(durationNs);
    }

    /** A page cannot be had just now. */
    public void unavailable(long durationNs) {
        unavailable.record(durationNs);
    }

    /** A page was held against its checksum. */
    public void verified(long durationNs) {
        verify.record(durationNs);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        List.of(faults, stalls, phases, fetches).forEach(family -> family.bindTo(registry));
    }
}
