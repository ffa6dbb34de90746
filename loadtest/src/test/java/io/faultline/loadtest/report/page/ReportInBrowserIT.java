// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.report.page;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.HashMap;
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
        int slots = history("outcomes").getAsJsonArray("failed").size();
        // A line has one point more than it has slots: where the last slot ends.
        requireSeen(
                drawn,
                "outcomes",
                Map.of(
                        "Asynchronous: the vCPU ran on", slots + 1,
                        "Synchronous: the vCPU stood still", slots + 1,
                        "The page was there", slots + 1,
                        "Never written: zeros", slots + 1));
        requireSeen(
                drawn,
                "tiers",
                Map.of("Swap store", slots + 1, "Pager's compressed memory", slots + 1, "Pager's memory", slots + 1));
        requireSeen(
                drawn,
                "standstill",
                Map.of("Tasks put aside, of 8", slots + 1, "vCPUs standing still, of 1", slots + 1));
        requireSeen(drawn, "timeline", spansByState());
        assertThat(seriesOf(drawn, "latency")).isEqualTo(4);
        // Two ways of three tiers each.
        assertThat(seriesOf(drawn, "tail")).isEqualTo(6);
        assertThat(seriesOf(drawn, "working_set")).isEqualTo(2);
        assertThat(plots(drawn, "guests")).hasSize(3);
        requireSeen(
                drawn,
                "policies",
                Map.of("lru", 1, "fifo", 1, "w tinylfu", 1, "caffeine", 1, "min demand", 1, "min bypass", 1));
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

    private static void requireSeen(Map<String, JsonArray> drawn, String chart, Map<String, Integer> points) {
        Map<String, Integer> said = new HashMap<>();
        for (JsonElement series : plots(drawn, chart).get(0).getAsJsonObject().getAsJsonArray("series")) {
            said.put(
                    series.getAsJsonObject().get("label").getAsString(),
                    series.getAsJsonObject().get("points").getAsInt());
        }
        assertThat(said).as(chart).isEqualTo(points);
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

    private static int seriesOf(Map<String, JsonArray> drawn, String chart) {
        return plots(drawn, chart)
                .get(0)
                .getAsJsonObject()
                .getAsJsonArray("series")
                .size();
    }

    private Map<String, Integer> spansByState() {
        Map<String, Integer> spans = new HashMap<>();
        history("timeline")
                .getAsJsonArray("spans_us")
                .forEach(span -> spans.merge(span.getAsJsonArray().get(2).getAsString(), 1, Integer::sum));
        return spans;
    }

    private JsonObject history(String member) {
        return run.getAsJsonObject("history").getAsJsonObject(member);
    }
}
