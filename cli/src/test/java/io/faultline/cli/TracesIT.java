// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.cli.OtlpCollector.ReceivedSpan;
import io.faultline.loadtest.replay.Replay;
import io.faultline.loadtest.replay.ReplayProgress;
import io.faultline.loadtest.replay.ReplayResult;
import io.faultline.loadtest.replay.ReplaySettings;
import io.faultline.model.PageSize;
import io.faultline.standalone.Standalone;
import io.faultline.standalone.StandaloneSettings;
import io.faultline.standalone.StandaloneSettings.ManagementPorts;
import io.faultline.standalone.StandaloneSettings.Ports;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The traces of a replay, as a collector gets them from the three services. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // Set before all tests.
class TracesIT {
    private static final int FAULTS = 6_000;
    private static final int ONE_IN = 10;
    /** How far the services' clocks may be apart: each tells the time since the epoch by itself. */
    private static final long CLOCKS_NS = TimeUnit.MILLISECONDS.toNanos(1);

    private static final Pattern EXEMPLAR = Pattern.compile(
            "faultline_vcpu_fault_seconds_bucket\\{(?<tags>[^}]*)} \\d+ # \\{span_id=\"(?<span>[0-9a-f]{16})\","
                    + "trace_id=\"(?<trace>[0-9a-f]{32})\"} (?<value>\\S+) \\d+\\.\\d+");

    private OtlpCollector collector;
    private ReplayResult result;
    private Scrape vcpu;
    private Scrape pager;
    private Scrape notifier;
    private String openMetrics;
    private Map<String, List<ReceivedSpan>> traces;
    /** A trace of each fault that was resolved by page-ready, its guest told of both. */
    private List<Trace> resolved;

    @BeforeAll
    void replay(@TempDir Path directory) {
        collector = new OtlpCollector();
        StandaloneSettings settings = new StandaloneSettings(
                directory,
                new Ports(0, 0, 0, 0, ManagementPorts.ANY),
                null,
                "memory",
                4 << 20,
                0,
                new StandaloneSettings.Traces(collector.endpoint(), ONE_IN));
        try (Standalone standalone = Standalone.start(settings, part -> {})) {
            result = new Replay(
                            ReplaySettings.of(Path.of("../loadtest/traces/memcached-swap.trace.gz"))
                                    .withServices(new ReplaySettings.Services(
                                            standalone.vcpuAddress(), standalone.notifierAddress()))
                                    .withVm(new ReplaySettings.Vm(1, 2, 1_024, PageSize.SIZE_4K))
                                    .withFaultsMax(FAULTS),
                            ReplayProgress.NONE)
                    .run();
            openMetrics = Scrape.read(standalone.vcpuManagementAddress(), "application/openmetrics-text");
            vcpu = Scrape.of(standalone.vcpuManagementAddress());
            pager = Scrape.of(standalone.pagerManagementAddress());
            notifier = Scrape.of(standalone.notifierManagementAddress());
        }
        traces = collector.spans().stream().collect(Collectors.groupingBy(ReceivedSpan::traceId));
        resolved = traces.values().stream()
                .filter(spans -> spans.stream().anyMatch(TracesIT::isResolvedByPageReady))
                .filter(spans -> spans.stream().anyMatch(span -> span.name().equals("acknowledgement")))
                .map(Trace::of)
                .toList();
    }

    @AfterAll
    void close() {
        collector.close();
    }

    private static boolean isResolvedByPageReady(ReceivedSpan span) {
        return span.name().equals("fault") && "ready".equals(span.attributes().get("faultline.reason"));
    }

    @Test
    void theReplayIsSoundWhileItIsTraced() {
        assertThat(result.brokenInvariants()).isEmpty();
        assertThat(result.hasHeld()).isTrue();
    }

    @Test
    void oneFaultInSoManyIsTraced() {
        double faults = vcpu.samples().entrySet().stream()
                .filter(sample -> sample.getKey().startsWith("faultline_vcpu_fault_seconds_count"))
                .mapToDouble(Map.Entry::getValue)
                .sum();
        double notFollowed = vcpu.value("faultline_trace_work_total{outcome=\"table_full\"}");
        long roots = traces.values().stream()
                .flatMap(List::stream)
                .filter(span -> span.parentId().isEmpty())
                .count();

        assertThat(roots + notFollowed).isBetween(faults / ONE_IN - 1, faults / ONE_IN + 1);
    }

    @Test
    void oneTraceHasTheSpansOfAllThreeServices() {
        assertThat(resolved)
                .isNotEmpty()
                .allSatisfy(trace -> assertThat(trace.spans())
                        .extracting(span -> span.service() + " " + span.name())
                        .contains(
                                "vcpu-service fault",
                                "vcpu-service queue",
                                "vcpu-service publish",
                                "vcpu-service fetch",
                                "vcpu-service map",
                                "vcpu-service notify",
                                "notifier-service delivery",
                                "notifier-service ready",
                                "notifier-service acknowledgement"));
        assertThat(resolved)
                .filteredOn(trace -> trace.has("store.read"))
                .isNotEmpty()
                .allSatisfy(trace -> assertThat(trace.has("pager.fetch")).isTrue());
    }

    @Test
    void eachSpanIsTheChildOfWhatCausedIt() {
        Map<String, String> parents = Map.of(
                "queue", "fault",
                "publish", "fault",
                "fetch", "fault",
                "map", "fault",
                "notify", "fault",
                "pager.fetch", "fetch",
                "delivery", "publish",
                "ready", "notify",
                "acknowledgement", "notify");

        for (Trace trace : resolved) {
            parents.forEach((child, parent) -> {
                if (trace.has(child)) {
                    assertThat(trace.get(child).parentId())
                            .as(child)
                            .isEqualTo(trace.get(parent).id());
                }
            });
        }
    }

    @Test
    void noSpanIsWithoutItsParent() {
        traces.forEach((id, spans) -> {
            Set<String> ids = spans.stream().map(ReceivedSpan::id).collect(Collectors.toSet());
            assertThat(spans)
                    .as(id)
                    .allSatisfy(span -> assertThat(span.parentId().isEmpty() || ids.contains(span.parentId()))
                            .as(span.toString())
                            .isTrue())
                    .filteredOn(span -> span.parentId().isEmpty())
                    .hasSize(1);
        });
    }

    @Test
    void timesFollowFromEachOther() {
        for (Trace trace : resolved) {
            ReceivedSpan fault = trace.get("fault");
            assertThat(trace.spans())
                    .allSatisfy(span ->
                            assertThat(span.endNs()).as(span.toString()).isGreaterThanOrEqualTo(span.startNs()));
            assertInOrder(
                    fault.startNs(),
                    trace.get("queue").startNs(),
                    trace.get("publish").startNs(),
                    trace.get("delivery").startNs(),
                    trace.get("publish").endNs(),
                    trace.get("map").endNs(),
                    trace.get("notify").startNs(),
                    trace.get("ready").startNs(),
                    trace.get("ready").endNs(),
                    trace.get("notify").endNs(),
                    fault.endNs());
            assertInOrder(
                    trace.get("delivery").endNs(),
                    trace.get("ready").endNs(),
                    trace.get("acknowledgement").startNs(),
                    trace.get("acknowledgement").endNs());
            if (trace.has("pager.fetch")) {
                assertInOrder(
                        trace.get("fetch").startNs(),
                        trace.get("pager.fetch").startNs(),
                        trace.get("pager.fetch").endNs(),
                        trace.get("fetch").endNs(),
                        trace.get("map").endNs());
            }
        }
    }

    private static void assertInOrder(long... timesNs) {
        List<Long> early = new ArrayList<>();
        for (int i = 1; i < timesNs.length; i++) {
            if (timesNs[i] < timesNs[i - 1] - CLOCKS_NS) {
                early.add(timesNs[i - 1] - timesNs[i]);
            }
        }
        assertThat(early).as("nanoseconds before what comes first").isEmpty();
    }

    @Test
    void spansSayWhatTheyAreAbout() {
        for (Trace trace : resolved) {
            String token = trace.get("fault").attributes().get("faultline.token");
            assertThat(trace.get("fault").attributes())
                    .containsEntry("faultline.vm.id", "1")
                    .containsEntry("faultline.outcome", "resolved")
                    .containsKeys("faultline.vcpu.id", "faultline.gfn", "faultline.source");
            for (String name : List.of("publish", "delivery", "ready", "acknowledgement")) {
                assertThat(trace.get(name).attributes()).as(name).containsEntry("faultline.token", token);
            }
            assertThat(trace.get("delivery").attributes()).containsEntry("faultline.outcome", "delivered");
            if (trace.has("pager.fetch")) {
                assertThat(trace.get("pager.fetch").attributes())
                        .containsEntry(
                                "faultline.gfn", trace.get("fault").attributes().get("faultline.gfn"))
                        .containsEntry("faultline.outcome", "found");
            }
        }
    }

    @Test
    void exemplarsNameTracesThatTheCollectorHas() {
        List<String> named = EXEMPLAR.matcher(openMetrics)
                .results()
                .map(found -> found.group("trace") + " " + found.group("span"))
                .toList();
        Set<String> roots = traces.values().stream()
                .flatMap(List::stream)
                .filter(span -> span.parentId().isEmpty())
                .map(span -> span.traceId() + " " + span.id())
                .collect(Collectors.toSet());

        assertThat(openMetrics).endsWith("# EOF\n");
        assertThat(named).hasSizeGreaterThan(2).isSubsetOf(roots);
        assertThat(EXEMPLAR.matcher(openMetrics).results())
                .anySatisfy(found -> assertThat(found.group("tags")).contains("mode=\"async\""));
    }

    @Test
    void whatBecameOfTracedWorkIsCounted() {
        for (Scrape scrape : new Scrape[] {vcpu, pager, notifier}) {
            assertThat(scrape.value("faultline_trace_work_total{outcome=\"recorded\"}"))
                    .isPositive();
            assertThat(scrape.value("faultline_trace_work_total{outcome=\"queue_full\"}"))
                    .isZero();
            assertThat(scrape.value("faultline_trace_work_total{outcome=\"abandoned\"}"))
                    .isZero();
            assertThat(scrape.value("faultline_trace_spans_total{outcome=\"lost\"}"))
                    .isZero();
        }
    }

    /** The spans of one trace by their names; a name that comes twice (a fetch that was repeated) by its last. */
    private record Trace(Map<String, ReceivedSpan> byName) {
        static Trace of(List<ReceivedSpan> spans) {
            return new Trace(
                    spans.stream().collect(Collectors.toMap(ReceivedSpan::name, Function.identity(), (_, b) -> b)));
        }

        boolean has(String name) {
            return byName.containsKey(name);
        }

        ReceivedSpan get(String name) {
            return Objects.requireNonNull(byName.get(name), name);
        }

        Collection<ReceivedSpan> spans() {
            return byName.values();
        }
    }
}
