// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.host;

import io.faultline.model.Tier;
import io.faultline.pager.app.store.StoreKey;
import io.faultline.pager.domain.LoadResult;
import io.faultline.pager.domain.PageAnswer;
import io.faultline.telemetry.Meters;
import io.faultline.telemetry.TraceParent;
import io.faultline.telemetry.trace.TraceQueue;
import io.faultline.telemetry.trace.TraceTable;
import java.util.function.LongSupplier;

/** Follows the fetches that traced faults wait for, from a stream's request to its answer. Loop thread only. */
public final class FetchTraces {
    private final LongSupplier clockNs;
    private final TraceTable<FetchTrace> open;

    /**
     * Follows nothing yet.
     *
     * @param clockNs the loop's time, in nanoseconds
     */
    public FetchTraces(TraceQueue queue, LongSupplier clockNs) {
        this.clockNs = clockNs;
        open = new TraceTable<>(queue);
    }

    /** A fetch was received that a traced fault waits for. */
    public void fetching(TraceParent parent, int stream, long requestId, StoreKey page) {
        open.add(new FetchTrace(parent, stream, requestId, page, clockNs.getAsLong()));
    }

    /** A request was answered with a page. */
    public void found(int stream, long requestId, Tier tier) {
        if (!open.isEmpty()) {
            answered(stream, requestId, "found", tier);
        }
    }

    /** A request was answered without a page's bytes. */
    public void answered(int stream, long requestId, PageAnswer answer, Tier tier) {
        if (!open.isEmpty()) {
            answered(stream, requestId, answer == PageAnswer.ZERO ? "found" : Meters.tagValue(answer), tier);
        }
    }

    /** A stream is gone with all its requests. */
    public void gone(int stream) {
        for (int i = open.size() - 1; i >= 0; i--) {
            FetchTrace trace = open.get(i);
            if (trace.isOn(stream)) {
                end(trace, "gone", Tier.NONE);
            }
        }
    }

    /** The swap store answered for a page. */
    void loaded(StoreKey page, LoadResult result, long askedNs) {
        for (int i = 0; i < open.size(); i++) {
            FetchTrace trace = open.get(i);
            if (trace.isOf(page)) {
                trace.loaded(Meters.tagValue(result), askedNs, clockNs.getAsLong());
            }
        }
    }

    private void answered(int stream, long requestId, String how, Tier tier) {
        for (int i = 0; i < open.size(); i++) {
            FetchTrace trace = open.get(i);
            if (trace.is(stream, requestId)) {
                end(trace, how, tier);
                return;
            }
        }
    }

    private void end(FetchTrace trace, String how, Tier tier) {
        trace.answered(how, tier, clockNs.getAsLong());
        open.end(trace);
    }
}
