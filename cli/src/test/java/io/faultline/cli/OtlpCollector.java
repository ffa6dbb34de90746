// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An OpenTelemetry collector that keeps what it is sent as OTLP over HTTP. Any thread. */
final class OtlpCollector implements AutoCloseable {
    private final HttpServer server;
    private final List<ReceivedSpan> spans = new ArrayList<>();

    OtlpCollector() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/v1/traces", this::take);
        server.start();
    }

    /** Where it listens, as a service's setting takes it. */
    String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** What came so far. */
    synchronized List<ReceivedSpan> spans() {
        return List.copyOf(spans);
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            add(ExportTraceServiceRequest.parseFrom(exchange.getRequestBody()));
            byte[] answer = ExportTraceServiceResponse.getDefaultInstance().toByteArray();
            exchange.getResponseHeaders().add("Content-Type", "application/x-protobuf");
            exchange.sendResponseHeaders(200, answer.length == 0 ? -1 : answer.length);
        }
    }

    private synchronized void add(ExportTraceServiceRequest request) {
        for (ResourceSpans ofResource : request.getResourceSpansList()) {
            String service =
                    attributes(ofResource.getResource().getAttributesList()).getOrDefault("service.name", "");
            for (ScopeSpans ofScope : ofResource.getScopeSpansList()) {
                ofScope.getSpansList().forEach(span -> spans.add(ReceivedSpan.of(service, span)));
            }
        }
    }

    private static Map<String, String> attributes(List<KeyValue> pairs) {
        Map<String, String> all = new LinkedHashMap<>();
        pairs.forEach(pair -> all.put(pair.getKey(), text(pair.getValue())));
        return all;
    }

    private static String text(AnyValue value) {
        return value.hasIntValue() ? Long.toString(value.getIntValue()) : value.getStringValue();
    }

    /**
     * A span as it came.
     *
     * @param parentId empty for the first of a trace
     * @param startNs nanoseconds since the epoch
     * @param endNs likewise
     */
    record ReceivedSpan(
            String service,
            String name,
            String traceId,
            String id,
            String parentId,
            long startNs,
            long endNs,
            Span.SpanKind kind,
            Map<String, String> attributes) {
        private static ReceivedSpan of(String service, Span span) {
            HexFormat hex = HexFormat.of();
            return new ReceivedSpan(
                    service,
                    span.getName(),
                    hex.formatHex(span.getTraceId().toByteArray()),
                    hex.formatHex(span.getSpanId().toByteArray()),
                    hex.formatHex(span.getParentSpanId().toByteArray()),
                    span.getStartTimeUnixNano(),
                    span.getEndTimeUnixNano(),
                    span.getKind(),
                    OtlpCollector.attributes(span.getAttributesList()));
        }
    }
}
