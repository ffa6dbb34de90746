// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.telemetry.trace;

import io.faultline.telemetry.Meters;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.function.ToDoubleFunction;

/** The meters {@code faultline.trace.*}: what becomes of traced work and of its spans. */
final class TraceMetrics implements MeterBinder {
    private final TraceQueue queue;
    private final SpanPublisher publisher;

    /** Meters of a queue and of whoever empties it. */
    TraceMetrics(TraceQueue queue, SpanPublisher publisher) {
        this.queue = queue;
        this.publisher = publisher;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Meters<TraceMetrics> meters = new Meters<>(registry, () -> this);
        work(meters, "recorded", all -> all.queue.recorded());
        work(meters, "queue_full", all -> all.queue.queueFull());
        work(meters, "table_full", all -> all.queue.tableFull());
        work(meters, "abandoned", all -> all.queue.abandoned());
        spans(meters, "sent", all -> all.publisher.sent());
        spans(meters, "lost", all -> all.publisher.lost());
    }

    private static void work(Meters<TraceMetrics> meters, String outcome, ToDoubleFunction<TraceMetrics> value) {
        meters.counter("faultline.trace.work", "traced work by what became of it", Tags.of("outcome", outcome), value);
    }

    private static void spans(Meters<TraceMetrics> meters, String outcome, ToDoubleFunction<TraceMetrics> value) {
        meters.counter("faultline.trace.spans", "spans handed to the collector", Tags.of("outcome", outcome), value);
    }
}
