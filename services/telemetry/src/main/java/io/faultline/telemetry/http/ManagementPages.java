// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.telemetry.http;

import io.faultline.telemetry.BuildInfo;
import io.faultline.telemetry.Probes;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.json.JsonWriter;

/** What the management port answers, path by path. The server's thread only. */
final class ManagementPages {
    private static final String ROOT = "/actuator";
    private static final String JSON = "application/json";
    private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final int UNAVAILABLE = 503;
    private static final List<String> PATHS =
            List.of("prometheus", "health", "health/liveness", "health/readiness", "info");
    private static final JsonWriter<Map<String, ?>> WRITER = JsonWriter.standard();

    private final PrometheusMeterRegistry registry;
    private final Probes probes;
    private final BuildInfo build;
    private int scrapeBytes = 64 << 10;

    ManagementPages(PrometheusMeterRegistry registry, Probes probes, BuildInfo build) {
        this.registry = registry;
        this.probes = probes;
        this.build = build;
    }

    /**
     * The page of a path.
     *
     * @param accept the request's Accept header
     * @throws IOException if the meters cannot be written
     */
    Page page(String path, @Nullable String accept) throws IOException {
        return switch (path) {
            case ROOT -> json(OK, Map.of("_links", links()));
            case ROOT + "/prometheus" -> scrape(accept == null ? "" : accept);
            case ROOT + "/health" -> health(probes.isLive() && probes.isReady(), true);
            case ROOT + "/health/liveness" -> health(probes.isLive(), false);
            case ROOT + "/health/readiness" -> health(probes.isReady(), false);
            case ROOT + "/info" -> json(OK, info());
            default ->
                json(
                        NOT_FOUND,
                        Map.of("error", path + ": not found (expected: a path that GET " + ROOT + " links to)"));
        };
    }

    private Page scrape(String accept) throws IOException {
        String type = accept.contains("application/openmetrics-text")
                ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                : TEXT;
        ByteArrayOutputStream out = new ByteArrayOutputStream(scrapeBytes);
        registry.scrape(out, type);
        scrapeBytes = Math.max(scrapeBytes, out.size());
        return new Page(OK, type, out.toByteArray());
    }

    private static Page health(boolean up, boolean withGroups) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("status", up ? "UP" : "DOWN");
        if (withGroups) {
            body.put("groups", List.of("liveness", "readiness"));
        }
        return json(up ? OK : UNAVAILABLE, body);
    }

    private Map<String, ?> info() {
        Runtime.Version java = Runtime.version();
        return Map.of(
                "build", Map.of("name", build.service(), "version", build.version()),
                "java", Map.of("version", java.toString(), "vendor", System.getProperty("java.vendor", "")));
    }

    private static Map<String, ?> links() {
        return PATHS.stream()
                .collect(Collectors.toMap(
                        path -> path, path -> Map.of("href", ROOT + "/" + path), (a, _) -> a, LinkedHashMap::new));
    }

    private static Page json(int status, Map<String, ?> body) {
        return new Page(status, JSON, WRITER.writeToString(body).getBytes(StandardCharsets.UTF_8));
    }

    /**
     * One answer.
     *
     * @param status the HTTP status
     * @param type the body's media type
     * @param body the body
     */
    @SuppressWarnings("ArrayRecordComponent") // Read once, compared never.
    record Page(int status, String type, byte[] body) {}
}
