// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.telemetry.trace;

import io.faultline.telemetry.BuildInfo;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes spans of the work in a queue and sends them to a collector, twice a second, on a thread of its own. What the collector does
 * not take is counted and gone; the loop never notices. Started and closed by one thread.
 */
public final class SpanPublisher implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(SpanPublisher.class);
    private static final long PAUSE_NS = Duration.ofMillis(500).toNanos();
    private static final Duration EXPORT_TIMEOUT = Duration.ofSeconds(10);
    private static final long CLOSE_TIMEOUT_MS = 3_000;
    private static final int CLOCK_READINGS = 4;
    /** Spans in a batch: what the OpenTelemetry specification recommends. */
    static final int BATCH_SPANS = 512;

    private final TraceQueue queue;
    private final SpanExporter exporter;
    private final String collector;
    private final Clock clock;
    private final SpanWriter writer;
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong lost = new AtomicLong();
    private final Thread thread;
    private volatile boolean closing;
    private boolean isLosing;

    /**
     * A publisher that is not started.
     *
     * @param collector the collector's address, for a person
     */
    SpanPublisher(TraceQueue queue, SpanExporter exporter, String collector, BuildInfo build, Clock clock) {
        this.queue = queue;
        this.exporter = exporter;
        this.collector = collector;
        this.clock = clock;
        writer = new SpanWriter(Resource.create(Attributes.builder()
                .put("service.name", build.service())
                .put("service.version", build.version())
                .build()));
        thread = Thread.ofPlatform().name(build.service() + "-spans").daemon().unstarted(this::run);
    }

    /** An exporter to a collector that takes OTLP over HTTP. */
    static SpanExporter otlp(String tracesUrl) {
        return OtlpHttpSpanExporter.builder()
                .setEndpoint(tracesUrl)
                .setTimeout(EXPORT_TIMEOUT)
                .build();
    }

    /** Begins to send. */
    void start() {
        thread.start();
    }

    /** Spans that the collector took; from any thread. */
    public long sent() {
        return sent.get();
    }

    /** Spans that the collector did not take; from any thread. */
    public long lost() {
        return lost.get();
    }

    private void run() {
        while (!closing) {
            LockSupport.parkNanos(PAUSE_NS);
            publish();
        }
        publish();
    }

    /** Sends what is in the queue now. */
    void publish() {
        writer.setClock(epochOfClockNs());
        TracedWork work;
        while ((work = queue.poll()) != null) {
            work.writeTo(writer);
            if (writer.size() >= BATCH_SPANS) {
                send(writer.take());
            }
        }
        if (writer.size() > 0) {
            send(writer.take());
        }
    }

    /* Of a few readings the one in which the least time passed: a thread that was put aside in between would be far off. */
    private long epochOfClockNs() {
        long best = 0;
        long bestTookNs = Long.MAX_VALUE;
        for (int i = 0; i < CLOCK_READINGS; i++) {
            long beforeNs = System.nanoTime();
            Instant now = clock.instant();
            long tookNs = System.nanoTime() - beforeNs;
            if (tookNs < bestTookNs) {
                bestTookNs = tookNs;
                best = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano() - (beforeNs + tookNs / 2);
            }
        }
        return best;
    }

    private void send(List<SpanData> batch) {
        CompletableResultCode result = exporter.export(batch).join(EXPORT_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
        if (result.isSuccess()) {
            sent.addAndGet(batch.size());
            if (isLosing) {
                isLosing = false;
                log.info("the collector at {} takes spans again; {} were lost", collector, lost);
            }
            return;
        }
        lost.addAndGet(batch.size());
        if (!isLosing) {
            isLosing = true;
            log.warn(
                    "the collector at {} does not take spans; they are lost until it does: {}", collector, why(result));
        }
    }

    private static String why(CompletableResultCode result) {
        @Nullable Throwable failure = result.getFailureThrowable();
        if (failure != null) {
            return failure.toString();
        }
        return result.isDone() ? "refused" : "no answer within " + EXPORT_TIMEOUT.toSeconds() + " s";
    }

    /** Sends what is left, for a few seconds at most. */
    @Override
    public void close() {
        closing = true;
        LockSupport.unpark(thread);
        try {
            thread.join(CLOSE_TIMEOUT_MS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        exporter.shutdown();
    }
}
