// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.prometheus;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The part of Prometheus' HTTP API that dashboards use. For one thread. */
public final class PrometheusApi {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final URI address;
    private final HttpClient client = HttpClient.newHttpClient();

    PrometheusApi(URI address) {
        this.address = address;
    }

    /** The finite values that an expression has at an instant. */
    public List<Double> query(String expr, Instant time) {
        return finiteValues(post("/api/v1/query", Map.of("query", expr, "time", time.toString())));
    }

    /** The finite values that an expression has over a range of time, of all its series. */
    public List<Double> queryRange(String expr, Instant from, Instant to, Duration step) {
        return finiteValues(post(
                "/api/v1/query_range",
                Map.of(
                        "query",
                        expr,
                        "start",
                        from.toString(),
                        "end",
                        to.toString(),
                        "step",
                        Double.toString(step.toMillis() / 1e3))));
    }

    /** The values that a label has in the series that a selector selects. */
    public List<String> labelValues(String label, String selector) {
        JsonNode data = get("/api/v1/label/" + encode(label) + "/values?match[]=" + encode(selector));
        TreeSet<String> values = new TreeSet<>();
        data.forEach(value -> values.add(value.asString()));
        return List.copyOf(values);
    }

    /** The rules that were loaded, with the error of their last evaluation. */
    public JsonNode rules() {
        return get("/api/v1/rules");
    }

    /** Whether the server answers and has loaded its configuration. */
    public boolean isReady() {
        try {
            return send(HttpRequest.newBuilder(address.resolve("/-/ready")).build())
                            .statusCode()
                    == 200;
        } catch (UncheckedIOException notYet) {
            return false;
        }
    }

    private JsonNode get(String path) {
        return data(send(HttpRequest.newBuilder(URI.create(address + path.replace("[]", "%5B%5D")))
                .timeout(TIMEOUT)
                .build()));
    }

    private JsonNode post(String path, Map<String, String> form) {
        String body = form.entrySet().stream()
                .map(field -> field.getKey() + "=" + encode(field.getValue()))
                .collect(Collectors.joining("&"));
        return data(send(HttpRequest.newBuilder(address.resolve(path))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .timeout(TIMEOUT)
                .POST(BodyPublishers.ofString(body))
                .build()));
    }

    private HttpResponse<String> send(HttpRequest request) {
        try {
            return client.send(request, BodyHandlers.ofString());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while asking Prometheus", interrupted);
        }
    }

    private static JsonNode data(HttpResponse<String> response) {
        JsonNode answer = JSON.readTree(response.body());
        if (!answer.path("status").asString("").equals("success")) {
            throw new IllegalArgumentException(response.uri() + ": " + response.body());
        }
        return answer.path("data");
    }

    private static List<Double> finiteValues(JsonNode data) {
        List<Double> values = new ArrayList<>();
        if (data.path("resultType").asString("").equals("scalar")) {
            addFinite(values, data.path("result"));
            return values;
        }
        for (JsonNode series : data.path("result")) {
            if (series.has("value")) {
                addFinite(values, series.path("value"));
            }
            series.path("values").forEach(sample -> addFinite(values, sample));
        }
        return values;
    }

    private static void addFinite(List<Double> values, JsonNode sample) {
        String text = sample.path(1).asString();
        if (!text.equals("NaN") && !text.endsWith("Inf")) {
            values.add(Double.parseDouble(text));
        }
    }

    private static String encode(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }
}
