// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import io.faultline.loadtest.replay.Replay;
import io.faultline.loadtest.replay.ReplayProgress;
import io.faultline.loadtest.replay.ReplayResult;
import io.faultline.loadtest.replay.ReplaySettings;
import io.faultline.model.PageSize;
import io.faultline.standalone.Standalone;
import io.faultline.standalone.StandaloneSettings;
import io.faultline.standalone.StandaloneSettings.ManagementPorts;
import io.faultline.standalone.StandaloneSettings.Ports;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What the three services say of themselves after a short replay, and what docs/metrics.md says of that. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // Set before all tests.
class MetricsIT {
    private static final int FAULTS = 6_000;
    private static final int TAG_VALUES_MAX = 32;
    private static final Pattern ROW = Pattern.compile("^\\| `(faultline\\.[a-z.]+)` \\| `(faultline_[a-z_]+)`");

    private Standalone standalone;
    private ReplayResult result;
    private Scrape vcpu;
    private Scrape pager;
    private Scrape notifier;

    @BeforeAll
    void replay(@TempDir Path directory) {
        standalone = Standalone.start(
                new StandaloneSettings(
                        directory, new Ports(0, 0, 0, 0, ManagementPorts.ANY), null, "memory", 4 << 20, 4 << 20),
                part -> {});
        ReplaySettings settings = ReplaySettings.of(Path.of("../loadtest/traces/memcached-swap.trace.gz"))
                .withServices(new ReplaySettings.Services(standalone.vcpuAddress(), standalone.notifierAddress()))
                .withVm(new ReplaySettings.Vm(1, 2, 1_024, PageSize.SIZE_4K))
                .withFaultsMax(FAULTS);
        result = new Replay(settings, ReplayProgress.NONE).run();
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        do {
            vcpu = Scrape.of(standalone.vcpuManagementAddress());
            pager = Scrape.of(standalone.pagerManagementAddress());
        } while (!isSettled() && System.nanoTime() < deadlineNs);
        notifier = Scrape.of(standalone.notifierManagementAddress());
    }

    /** Gauges and counters of the loops are taken once a second: whether the replay's end is in them. */
    private boolean isSettled() {
        return vcpu.value("faultline_vcpu_faults_total") >= FAULTS
                && vcpu.value("faultline_vcpu_vms") == 0
                && sum(pager, "faultline_pager_fetches_total{outcome=\"found\"")
                        == sum(vcpu, "faultline_vcpu_fetch_seconds_count{outcome=\"found\"");
    }

    @AfterAll
    void close() {
        standalone.close();
    }

    @Test
    void everyMeterIsInTheCatalogueAndEveryEntryIsThere() throws IOException {
        Set<String> catalogued = new TreeSet<>();
        for (String line : Files.readAllLines(Path.of("../docs/metrics.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.find()) {
                catalogued.add(row.group(2));
            }
        }

        assertThat(ours(vcpu, pager, notifier)).containsExactlyElementsOf(catalogued);
    }

    @Test
    void everyMeterIsDescribed() {
        for (Scrape scrape : new Scrape[] {vcpu, pager, notifier}) {
            assertThat(scrape.helps()).containsKeys(ours(scrape).toArray(String[]::new));
            ours(scrape)
                    .forEach(name ->
                            assertThat(scrape.helps().get(name)).as(name).isNotBlank());
        }
    }

    @Test
    void noTagHasManyValues() {
        for (Scrape scrape : new Scrape[] {vcpu, pager, notifier}) {
            for (Map.Entry<String, Set<String>> tag : scrape.tagValues().entrySet()) {
                assertThat(tag.getValue()).as(tag.getKey()).hasSizeLessThanOrEqualTo(TAG_VALUES_MAX);
            }
        }
    }

    @Test
    void faultsAreCountedAndTimedOnceEach() {
        double faults = vcpu.value("faultline_vcpu_faults_total");

        assertThat(result.brokenInvariants()).isEmpty();
        assertThat(faults).isGreaterThanOrEqualTo(FAULTS);
        assertThat(sum(vcpu, "faultline_vcpu_outcomes_total{")).isEqualTo(faults);
        assertThat(sum(vcpu, "faultline_vcpu_fault_seconds_count{")).isEqualTo(faults);
        assertThat(sum(vcpu, "faultline_vcpu_stall_seconds_count{")).isEqualTo(faults);
        assertThat(vcpu.value("faultline_vcpu_fault_seconds_count{kind=\"resolved\",mode=\"async\"}"))
                .isEqualTo(sum(vcpu, "faultline_vcpu_outcomes_total{detail=\"ready\"")
                        + sum(vcpu, "faultline_vcpu_outcomes_total{detail=\"cancelled\"")
                        + sum(vcpu, "faultline_vcpu_outcomes_total{detail=\"dropped\""))
                .isPositive();
    }

    @Test
    void durationsAreInSeconds() {
        double count = vcpu.value("faultline_vcpu_fault_seconds_count{kind=\"resolved\",mode=\"async\"}");
        double mean = vcpu.value("faultline_vcpu_fault_seconds_sum{kind=\"resolved\",mode=\"async\"}") / count;

        assertThat(mean).isBetween(0.000_01, 1.0);
        assertThat(vcpu.value("faultline_vcpu_fault_seconds_bucket{kind=\"resolved\",mode=\"async\",le=\"+Inf\"}"))
                .isEqualTo(count);
        assertThat(vcpu.value("faultline_vcpu_fault_seconds_bucket{kind=\"resolved\",mode=\"async\",le=\"10.0\"}"))
                .isEqualTo(count);
    }

    @Test
    void thePhasesOfAsynchronousFaultsAreTimed() {
        double tokens = vcpu.value("faultline_vcpu_tokens_total");

        assertThat(tokens).isPositive();
        assertThat(vcpu.value("faultline_vcpu_phase_seconds_count{phase=\"publish\"}"))
                .isEqualTo(tokens);
        assertThat(vcpu.value("faultline_vcpu_phase_seconds_count{phase=\"notify\"}"))
                .isEqualTo(tokens);
        assertThat(vcpu.value("faultline_vcpu_phase_seconds_count{phase=\"fetch\"}"))
                .isGreaterThanOrEqualTo(tokens);
        assertThat(vcpu.value("faultline_vcpu_phase_seconds_count{phase=\"verify\"}"))
                .isPositive();
    }

    @Test
    void thePagerTimesItsTiers() {
        for (String tier : new String[] {"dram", "compressed", "swap_store"}) {
            String tags = "{outcome=\"found\",tier=\"" + tier + "\"}";
            assertThat(pager.value("faultline_pager_fetch_seconds_count" + tags))
                    .as(tier)
                    .isEqualTo(pager.value("faultline_pager_fetches_total" + tags))
                    .isPositive();
            assertThat(vcpu.value("faultline_vcpu_fetch_seconds_count" + tags)).isPositive();
        }
        assertThat(pager.value("faultline_pager_store_write_seconds_count{outcome=\"stored\"}"))
                .isPositive();
        assertThat(pager.value("faultline_pager_store_info{store=\"memory\"}")).isEqualTo(1);
    }

    @Test
    void theNotifierTimesWhatGuestsAreTold() {
        assertThat(sum(notifier, "faultline_notifier_delivery_seconds_count{"))
                .isEqualTo(notifier.value("faultline_notifier_verdicts_total{kind=\"accepted\"}"))
                .isPositive();
        assertThat(notifier.value("faultline_notifier_ready_seconds_count"))
                .isEqualTo(notifier.value("faultline_notifier_notifications_total{kind=\"ready\"}"));
        assertThat(notifier.value("faultline_notifier_acknowledgement_seconds_count"))
                .isEqualTo(notifier.value("faultline_notifier_notifications_total{kind=\"acknowledged\"}"))
                .isPositive();
    }

    @Test
    void streamsAreMeteredAtBothEnds() {
        assertThat(vcpu.value("faultline_rpc_records_total{direction=\"in\",stream=\"raise\"}"))
                .isEqualTo(vcpu.value("faultline_vcpu_faults_total"));
        assertThat(pager.value("faultline_rpc_records_total{direction=\"in\",stream=\"exchange\"}"))
                .isEqualTo(vcpu.value("faultline_rpc_records_total{direction=\"out\",stream=\"exchange\"}"))
                .isEqualTo(sum(pager, "faultline_rpc_batch_records_sum{direction=\"in\""));
        assertThat(notifier.value("faultline_rpc_messages_total{direction=\"out\",stream=\"notify\"}"))
                .isEqualTo(vcpu.value("faultline_rpc_messages_total{direction=\"in\",stream=\"notify\"}"));
        assertThat(pager.value("faultline_rpc_traffic_bytes_total{direction=\"out\",stream=\"exchange\"}"))
                .isEqualTo(vcpu.value("faultline_rpc_traffic_bytes_total{direction=\"in\",stream=\"exchange\"}"))
                .isGreaterThan(4096);
        assertThat(vcpu.value("faultline_rpc_streams{stream=\"notify\"}")).isEqualTo(1);
        assertThat(vcpu.value("faultline_rpc_calls_total{code=\"OK\",method=\"VmService/RegisterVm\"}"))
                .isEqualTo(1);
    }

    @Test
    void theAuditTrailIsMetered() {
        assertThat(vcpu.value("faultline_audit_steps_total")).isGreaterThan(FAULTS);
        assertThat(vcpu.value("faultline_audit_dropped_total")).isZero();
        assertThat(vcpu.value("faultline_audit_broker_connected")).isEqualTo(1);
        assertThat(vcpu.value("faultline_audit_acknowledge_seconds_count")).isPositive();
        assertThat(vcpu.types()).containsKey("kafka_producer_record_send_total");
    }

    @Test
    void eachServiceSaysWhichBuildItIs() {
        assertThat(sum(vcpu, "faultline_build_info{service=\"vcpu-service\"")).isEqualTo(1);
        assertThat(sum(pager, "faultline_build_info{service=\"pager-service\"")).isEqualTo(1);
        assertThat(sum(notifier, "faultline_build_info{service=\"notifier-service\""))
                .isEqualTo(1);
        assertThat(vcpu.types()).containsKeys("jvm_memory_used_bytes", "process_cpu_usage", "process_uptime_seconds");
    }

    @Test
    void promtoolFindsNothingWrongWithOurNames() throws IOException, InterruptedException {
        Process promtool = promtool();
        promtool.getOutputStream().write((vcpu.text() + "\n").getBytes(StandardCharsets.UTF_8));
        promtool.getOutputStream().close();
        String said = new String(promtool.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        promtool.waitFor();

        // Others' binders have habits of their own (jvm_…_ms_total); an input that does not parse is an error.
        assertThat(said.lines().filter(line -> line.startsWith("faultline") || line.startsWith("error")))
                .isEmpty();
    }

    private static Process promtool() {
        try {
            return new ProcessBuilder("promtool", "check", "metrics").start();
        } catch (IOException missing) {
            String sentence = "promtool is missing (Debian: apt-get install prometheus)";
            if (Boolean.parseBoolean(System.getenv("FAULTLINE_REQUIRE_TOOLS"))) {
                return fail(sentence, missing);
            }
            return abort(sentence);
        }
    }

    private static Collection<String> ours(Scrape... scrapes) {
        Set<String> names = new TreeSet<>();
        for (Scrape scrape : scrapes) {
            scrape.types().keySet().stream()
                    .filter(name -> name.startsWith("faultline_"))
                    .forEach(names::add);
        }
        return names;
    }

    private static double sum(Scrape scrape, String prefix) {
        return Stream.of(scrape.samples())
                .flatMap(samples -> samples.entrySet().stream())
                .filter(sample -> sample.getKey().startsWith(prefix))
                .mapToDouble(Map.Entry::getValue)
                .sum();
    }
}
