// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.telemetry.trace;

import io.faultline.telemetry.TraceParent;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.util.ArrayList;
import java.util.List;

/** Gathers the spans of work that has ended into a batch. The publisher's thread only. */
public final class SpanWriter {
    private final Resource resource;
    private final SpanIds ids = SpanIds.unique();
    private final List<SpanData> batch = new ArrayList<>();
    private long epochOfClockNs;

    SpanWriter(Resource resource) {
        this.resource = resource;
    }

    /**
     * From now on, times of the loop's clock are so far from the epoch.
     *
     * @param epochOfClockNs nanoseconds to add to a time of the clock
     */
    void setClock(long epochOfClockNs) {
        this.epochOfClockNs = epochOfClockNs;
    }

    /** Adds the first span of a trace. */
    public WrittenSpan root(TraceParent self, String name, SpanKind kind) {
        return add(new WrittenSpan(this, self, SpanContext.getInvalid(), name, kind));
    }

    /** Adds a span whose id was drawn before, for others to be its children. */
    public WrittenSpan child(TraceParent parent, TraceParent self, String name, SpanKind kind) {
        return add(new WrittenSpan(this, self, context(parent), name, kind));
    }

    /** Adds a span that nobody knows yet. */
    public WrittenSpan child(TraceParent parent, String name, SpanKind kind) {
        return child(parent, parent.sibling(ids.next()), name, kind);
    }

    /** How many spans the batch has. */
    int size() {
        return batch.size();
    }

    /** The batch; a new one is begun. */
    List<SpanData> take() {
        List<SpanData> taken = List.copyOf(batch);
        batch.clear();
        return taken;
    }

    Resource resource() {
        return resource;
    }

    /** A time of the loop's clock in nanoseconds since the epoch. */
    long epochNs(long clockNs) {
        return clockNs + epochOfClockNs;
    }

    private WrittenSpan add(WrittenSpan span) {
        batch.add(span);
        return span;
    }

    static SpanContext context(TraceParent span) {
        return SpanContext.create(
                span.traceIdText(), span.spanIdText(), TraceFlags.getSampled(), TraceState.getDefault());
    }
}
