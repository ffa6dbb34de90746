// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.host;

import io.faultline.model.FailReason;
import io.faultline.model.PageSource;
import io.faultline.model.Resolution;
import io.faultline.model.SyncReason;
import io.faultline.telemetry.trace.SpanIds;
import io.faultline.telemetry.trace.TraceQueue;
import io.faultline.telemetry.trace.TraceTable;
import org.jspecify.annotations.Nullable;

/** Picks the faults that are traced, one in so many, and follows them to their end. Loop thread only. */
public final class FaultTraces {
    private final int oneIn;
    private final SpanIds ids = SpanIds.unique();
    private final TraceTable<FaultTrace> open;
    private long untilNext;

    /**
     * Picks one fault in so many.
     *
     * @param oneIn 0 for none, 1 for each
     * @throws IllegalArgumentException if faults are to be picked and there is no collector for their traces
     */
    public FaultTraces(int oneIn, TraceQueue queue) {
        if (oneIn > 0 && !queue.isOn()) {
            throw new IllegalArgumentException("faultline.vcpu.trace-one-in: " + oneIn
                    + " (expected: 0, or a collector in faultline.telemetry.otlp-endpoint)");
        }
        this.oneIn = oneIn;
        untilNext = oneIn;
        open = new TraceTable<>(queue);
    }

    /** The trace of a fault that is raised, or null for one that is not traced. */
    public @Nullable FaultTrace begin(long vmId, int vcpuId, long gfn, long nowNs) {
        // With none to pick the count goes down from 0, and would need centuries to come around.
        if (--untilNext != 0) {
            return null;
        }
        untilNext = oneIn;
        FaultTrace trace = new FaultTrace(ids, vmId, vcpuId, gfn, nowNs);
        return open.add(trace) ? trace : null;
    }

    /** A fault ended as MAPPED. */
    public void mapped(FaultTimes times, PageSource source, SyncReason reason, long nowNs) {
        if (times.trace != null) {
            end(times, times.trace, FaultEnd.mapped(source, reason), nowNs);
        }
    }

    /** A fault ended as RESOLVED. */
    public void resolved(FaultTimes times, PageSource source, Resolution resolution, long nowNs) {
        if (times.trace != null) {
            end(times, times.trace, FaultEnd.resolved(source, resolution), nowNs);
        }
    }

    /** A fault ended as FAILED. */
    public void failed(FaultTimes times, FailReason reason, long nowNs) {
        if (times.trace != null) {
            end(times, times.trace, FaultEnd.failed(reason), nowNs);
        }
    }

    private void end(FaultTimes times, FaultTrace trace, FaultEnd how, long nowNs) {
        trace.ended(times, how, nowNs);
        open.end(trace);
    }
}
