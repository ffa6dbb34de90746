// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.telemetry.trace;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.faultline.telemetry.BuildInfo;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Spans over a real socket. */
@SuppressWarnings("NullAway.Init") // Set before each test.
class SpanPublisherIT {
    private final TraceQueue queue = TraceQueue.on();
    private final List<ExportTraceServiceRequest> requests = new ArrayList<>();
    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch answering = new CountDownLatch(1);
    private volatile boolean holdsBack;
    private volatile int status = 200;
    private HttpServer collector;
    private SpanPublisher publisher;

    @BeforeEach
    void open() throws IOException {
        collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        collector.createContext("/v1/traces", exchange -> {
            try (exchange) {
                ExportTraceServiceRequest request = ExportTraceServiceRequest.parseFrom(exchange.getRequestBody());
                if (holdsBack) {
                    holdBack();
                }
                synchronized (requests) {
                    requests.add(request);
                }
                exchange.sendResponseHeaders(status, -1);
            }
        });
        collector.start();
        TelemetryProperties properties = new TelemetryProperties(
                "http://127.0.0.1:" + collector.getAddress().getPort());
        publisher = new SpanPublisher(
                queue,
                SpanPublisher.otlp(properties.tracesUrl()),
                properties.otlpEndpoint(),
                new BuildInfo("some-service", "1.2.3"),
                Clock.systemUTC());
        publisher.start();
    }

    @AfterEach
    void close() {
        answering.countDown();
        publisher.close();
        collector.stop(0);
    }

    @Test
    void aSpanArrivesWithItsTimesParentAndService() {
        Instant before = Instant.now();
        queue.offer(new OneSpan(System.nanoTime()));

        eventually(() -> publisher.sent() == 1);

        ExportTraceServiceRequest request = requests().getFirst();
        assertThat(request.getResourceSpans(0).getResource().getAttributesList())
                .extracting(pair -> pair.getKey() + "=" + pair.getValue().getStringValue())
                .contains("service.name=some-service", "service.version=1.2.3");
        Span span = request.getResourceSpans(0).getScopeSpans(0).getSpans(0);
        assertThat(span.getName()).isEqualTo("one");
        assertThat(HexFormat.of().formatHex(span.getTraceId().toByteArray()))
                .isEqualTo("0af7651916cd43dd8448eb211c80319c");
        assertThat(HexFormat.of().formatHex(span.getParentSpanId().toByteArray()))
                .isEqualTo("b7ad6b7169203331");
        assertThat(span.getSpanId()).isNotEqualTo(span.getParentSpanId());
        assertThat(span.getEndTimeUnixNano() - span.getStartTimeUnixNano()).isEqualTo(1_000);
        assertThat(Instant.EPOCH.plusNanos(span.getStartTimeUnixNano()))
                .isBetween(before.minusMillis(1), Instant.now().plusMillis(1));
    }

    @Test
    void whatTheCollectorRefusesIsLostAndCounted() {
        status = 400;
        queue.offer(new OneSpan(0));
        eventually(() -> publisher.lost() == 1);

        status = 200;
        queue.offer(new OneSpan(0));
        eventually(() -> publisher.sent() == 1);

        assertThat(publisher.lost()).isEqualTo(1);
    }

    @Test
    void aCollectorThatSaysNothingHoldsUpNobodyWhoRecords() {
        holdsBack = true;
        queue.offer(new OneSpan(0));
        eventually(() -> asked.getCount() == 0);

        long beforeNs = System.nanoTime();
        for (int i = 0; i < 2 * TraceQueue.CAPACITY; i++) {
            queue.offer(new OneSpan(i));
        }

        assertThat(Duration.ofNanos(System.nanoTime() - beforeNs)).isLessThan(Duration.ofSeconds(2));
        assertThat(queue.queueFull()).isBetween((long) TraceQueue.CAPACITY - 1, (long) TraceQueue.CAPACITY + 1);
        assertThat(publisher.sent()).isZero();
    }

    @Test
    void whatIsLeftIsSentAtTheEnd() {
        for (int i = 0; i < 2 * SpanPublisher.BATCH_SPANS - 100; i++) {
            queue.offer(new OneSpan(i));
        }

        publisher.close();

        assertThat(publisher.sent()).isEqualTo(2 * SpanPublisher.BATCH_SPANS - 100);
        assertThat(requests())
                .allSatisfy(request -> assertThat(
                                request.getResourceSpans(0).getScopeSpans(0).getSpansCount())
                        .isLessThanOrEqualTo(SpanPublisher.BATCH_SPANS));
    }

    private List<ExportTraceServiceRequest> requests() {
        synchronized (requests) {
            return List.copyOf(requests);
        }
    }

    private void holdBack() {
        asked.countDown();
        try {
            assertThat(answering.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void eventually(BooleanSupplier condition) {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadlineNs);
            LockSupport.parkNanos(1_000_000);
        }
    }
}
