// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.report.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpServer;
import io.faultline.loadtest.report.ReportFiles;
import io.faultline.loadtest.report.Reports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The page in a real browser: each chart reads its canvas back, and is held to the data. */
class ReportInBrowserIT {
    private static final String HOSTILE = "</script><img src=x onerror=document.title='broken'>.gz";
    private static final int INK_LEAST = 2_000;
    private static final int NOT_FOUND = 404;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it.
    private Path directory;

    @SuppressWarnings("NullAway.Init") // Set before each.
    private Browser browser;

    @SuppressWarnings("NullAway.Init") // Set before each.
    private Path page;

    private final JsonObject run = Reports.run(HOSTILE);

    @BeforeEach
    void writePage() throws IOException {
        browser = new Browser(directory);
        page = directory.resolve("report.html");
        ReportFiles.writeHtml(page, run, Reports.guests(), Reports.policies());
    }

    /** Both schemes, by the browser's setting for a reader who prefers one: 0 is dark, 1 light. */
    @ParameterizedTest
    @ValueSource(strings = {"0", "1"})
    void eachChartHasDrawnItsData(String scheme) throws IOException, InterruptedException {
        String document = browser.documentOf(page, "#check", "--blink-settings=preferredColorScheme=" + scheme);

        assertThat(document).contains("data-checked=\"true\"").contains("data-loaded=\"0\"");
        assertThat(document).contains("<title>Faultline: demo of script&gt;&lt;img src=x");
        Map<String, JsonArray> drawn = drawn(document);
        assertThat(drawn)
                .containsOnlyKeys(
                        "outcomes",
                        "standstill",
                        "timeline",
                        "tiers",
                        "latency",
                        "tail",
                        "working_set",
                        "guests",
                        "policies");
        requireLayers(
                drawn,
                "outcomes",
                "outcomes",
                Map.of(
                        "Asynchronous: the vCPU ran on", "resolved_ready",
                        "Synchronous: the vCPU stood still", "mapped_sync",
                        "The page was there", "mapped_resident",
                        "Never written: zeros", "mapped_zero_fill"));
        requireLayers(
                drawn,
                "tiers",
                "sources",
                Map.of(
                        "Swap store", "swap_store",
                        "Pager's compressed memory", "compressed",
                        "Pager's memory", "dram"));
        assertThat(values(drawn, "standstill", "vCPUs standing still, of 1"))
                .startsWith(numbers(history().getAsJsonArray("vcpus_standing_still"), 2));
        assertThat(values(drawn, "standstill", "Tasks put aside, of 8"))
                .startsWith(numbers(history().getAsJsonArray("tasks_parked"), 2));
        requireSpans(drawn);
        requireLatencies(drawn);
        assertThat(values(drawn, "working_set", "Different pages in 16 ms"))
                .startsWith(numbers(history().getAsJsonObject("working_set").getAsJsonArray("pages"), 0));
        assertThat(series(drawn, "working_set")).hasSize(2);
        assertThat(plots(drawn, "guests")).hasSize(3);
        assertThat(values(drawn, "guests", "sync")).containsExactly(6.5);
        assertThat(values(drawn, "guests", "async")).containsExactly(0.4);
        Reports.policies()
                .getAsJsonObject("misses")
                .asMap()
                .forEach((policy, misses) -> assertThat(values(drawn, "policies", policy.replace('_', ' ')))
                        .containsExactly(misses.getAsDouble()));
        drawn.forEach(ReportInBrowserIT::requireMostSeen);
    }

    @Test
    void thePageLoadsNothingEvenIfATextOfTheRecordingGotOutOfItsPlace() throws IOException, InterruptedException {
        AtomicInteger requests = new AtomicInteger();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            requests.incrementAndGet();
            exchange.sendResponseHeaders(NOT_FOUND, -1);
            exchange.close();
        });
        server.start();
        try {
            String broken = Files.readString(page)
                    .replace(
                            "</body>",
                            "<img src=\"http://127.0.0.1:" + server.getAddress().getPort() + "/\">"
                                    + "<script>document.title = 'broken'</script></body>");

            assertThat(browser.documentOf(write(broken), "")).contains("<title>Faultline: demo of script");
            assertThat(requests).hasValue(0);

            // Without the policy the browser would have asked, and run the script.
            String open = broken.replaceFirst("<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "");
            assertThat(browser.documentOf(write(open), "")).contains("<title>broken</title>");
            assertThat(requests).hasPositiveValue();
        } finally {
            server.stop(0);
        }
    }

    private Path write(String text) throws IOException {
        return Files.writeString(directory.resolve("changed.html"), text);
    }

    /** What each chart says it has drawn, by the chart's name. */
    private static Map<String, JsonArray> drawn(String document) {
        Map<String, JsonArray> drawn = new HashMap<>();
        for (MatchResult place : Pattern.compile("data-chart=\"([a-z_]+)\"[^>]* data-drawn=\"([^\"]*)\"")
                .matcher(document)
                .results()
                .toList()) {
            String json = place.group(2).replace("&quot;", "\"").replace("&amp;", "&");
            drawn.put(place.group(1), JsonParser.parseString(json).getAsJsonArray());
        }
        return drawn;
    }

    /** Layers lie upon each other, the last series lowest, and are rates; what they come to is the counts by slot. */
    private void requireLayers(
            Map<String, JsonArray> drawn, String chart, String member, Map<String, String> keyOfLabel) {
        JsonObject counts = history().getAsJsonObject(member);
        double slotS = history().get("slot_s").getAsDouble();
        List<JsonObject> fromTop = series(drawn, chart);
        assertThat(fromTop).hasSize(keyOfLabel.size());
        double[] below = new double[numbers(fromTop.getFirst().getAsJsonArray("values"), 0).length];
        for (JsonObject layer : fromTop.reversed()) {
            double[] tops = numbers(layer.getAsJsonArray("values"), 0);
            JsonArray expected =
                    counts.getAsJsonArray(keyOfLabel.get(layer.get("label").getAsString()));
            assertThat(tops).hasSize(expected.size() + 1);
            // The last slot is as long as what is left of the run, and may be counted to the one before.
            for (int slot = 0; slot < expected.size() - 2; slot++) {
                assertThat((tops[slot] - below[slot]) * slotS)
                        .as("%s, %s, slot %s", chart, layer.get("label"), slot)
                        .isCloseTo(expected.get(slot).getAsDouble(), within(1e-6));
            }
            below = tops;
        }
    }

    private void requireSpans(Map<String, JsonArray> drawn) {
        Map<String, Double> us = new HashMap<>();
        for (JsonElement span : history().getAsJsonObject("timeline").getAsJsonArray("spans_us")) {
            JsonArray row = span.getAsJsonArray();
            us.merge(
                    row.get(2).getAsString(),
                    row.get(4).getAsDouble() - row.get(3).getAsDouble(),
                    Double::sum);
        }
        assertThat(series(drawn, "timeline"))
                .hasSize(us.size())
                .allSatisfy(state -> assertThat(Arrays.stream(numbers(state.getAsJsonArray("values"), 0))
                                .sum())
                        .isCloseTo(us.get(state.get("label").getAsString()), within(1e-3)));
    }

    /** The shares of each outcome's latencies come to 100 %, and each tier's line is its percentiles. */
    private void requireLatencies(Map<String, JsonArray> drawn) {
        assertThat(series(drawn, "latency"))
                .hasSize(4)
                .allSatisfy(outcome -> assertThat(Arrays.stream(numbers(outcome.getAsJsonArray("values"), 0))
                                .sum())
                        .isCloseTo(100, within(1e-6)));
        List<double[]> lines = new ArrayList<>();
        for (JsonElement element : history().getAsJsonArray("latencies")) {
            JsonObject latency = element.getAsJsonObject();
            if (List.of("dram", "compressed", "swap_store")
                    .contains(latency.get("source").getAsString())) {
                lines.add(latency.getAsJsonArray("percentiles_us").asList().stream()
                        .mapToDouble(pair -> pair.getAsJsonArray().get(1).getAsDouble())
                        .toArray());
            }
        }
        // Two ways of three tiers each.
        assertThat(lines).hasSize(6);
        assertThat(series(drawn, "tail").stream().map(line -> numbers(line.getAsJsonArray("values"), 0)))
                .containsExactlyElementsOf(lines);
    }

    /** Not all: lines lie upon one another, and dashes have gaps. */
    private static void requireMostSeen(String chart, JsonArray plots) {
        for (JsonElement plot : plots) {
            assertThat(plot.getAsJsonObject().get("ink").getAsInt()).as(chart).isGreaterThan(INK_LEAST);
            for (JsonElement element : plot.getAsJsonObject().getAsJsonArray("series")) {
                JsonObject series = element.getAsJsonObject();
                assertThat(series.get("seen").getAsInt())
                        .as("%s, %s: points seen of %s", chart, series.get("label"), series.get("points"))
                        .isGreaterThanOrEqualTo(Math.max(1, series.get("points").getAsInt() * 3 / 5));
            }
        }
    }

    private static JsonArray plots(Map<String, JsonArray> drawn, String chart) {
        return Objects.requireNonNull(drawn.get(chart), chart);
    }

    private static List<JsonObject> series(Map<String, JsonArray> drawn, String chart) {
        return plots(drawn, chart).get(0).getAsJsonObject().getAsJsonArray("series").asList().stream()
                .map(JsonElement::getAsJsonObject)
                .toList();
    }

    private static double[] values(Map<String, JsonArray> drawn, String chart, String label) {
        return series(drawn, chart).stream()
                .filter(series -> series.get("label").getAsString().equals(label))
                .map(series -> numbers(series.getAsJsonArray("values"), 0))
                .findFirst()
                .orElseThrow();
    }

    /** All but the last few. */
    private static double[] numbers(JsonArray array, int left) {
        return array.asList().stream()
                .limit(array.size() - left)
                .mapToDouble(JsonElement::getAsDouble)
                .toArray();
    }

    private JsonObject history() {
        return run.getAsJsonObject("history");
    }
}
