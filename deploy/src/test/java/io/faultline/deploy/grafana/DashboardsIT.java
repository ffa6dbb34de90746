// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.grafana;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.deploy.OutsideTool;
import io.faultline.deploy.Repository;
import io.faultline.deploy.grafana.Dashboard.PanelQuery;
import io.faultline.deploy.prometheus.MetricCatalogue;
import io.faultline.deploy.prometheus.PrometheusApi;
import io.faultline.deploy.prometheus.PrometheusServer;
import io.faultline.deploy.prometheus.QuickConfiguration;
import io.faultline.deploy.prometheus.RuleFiles;
import io.faultline.loadtest.replay.Replay;
import io.faultline.loadtest.replay.ReplayProgress;
import io.faultline.loadtest.replay.ReplayResult;
import io.faultline.loadtest.replay.ReplaySettings;
import io.faultline.model.PageSize;
import io.faultline.standalone.Standalone;
import io.faultline.standalone.StandaloneSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * The dashboards over a real Prometheus, which scrapes the three real services by the committed configuration while guests
 * replay a recording on them.
 */
@Timeout(180)
@TestInstance(Lifecycle.PER_CLASS)
class DashboardsIT {
    private static final int SCRAPE_INTERVAL_S = 1;
    private static final Duration LOAD_MAX = Duration.ofSeconds(90);
    private static final int FAULTS = 20_000;
    private static final String ANYTHING = "{__name__=~\".+\"}";
    private static final Pattern LABEL_VALUES = Pattern.compile("label_values\\((.+), (\\w+)\\)");

    private final List<Dashboard> dashboards = DashboardFiles.dashboards();
    private final Instant start = Instant.now();

    @SuppressWarnings("NullAway.Init") // Set before all tests.
    private Standalone services;

    @SuppressWarnings("NullAway.Init") // Set before all tests.
    private PrometheusServer prometheus;

    @SuppressWarnings("NullAway.Init") // Set before all tests.
    private PrometheusApi api;

    @BeforeAll
    void replayUntilNoPanelIsEmpty(@TempDir Path folder) throws IOException {
        new OutsideTool("prometheus", "prometheus").require();
        services = Standalone.start(
                new StandaloneSettings(
                        folder.resolve("data"),
                        new StandaloneSettings.Ports(0, 0, 0, 0, StandaloneSettings.ManagementPorts.ANY),
                        null,
                        "rocksdb",
                        8 << 20,
                        4 << 20),
                part -> {});
        int port = PrometheusServer.freePort();
        Path config = QuickConfiguration.write(
                folder,
                SCRAPE_INTERVAL_S,
                Map.of(
                        "vcpu-service", services.vcpuManagementAddress(),
                        "pager-service", services.pagerManagementAddress(),
                        "notifier-service", services.notifierManagementAddress(),
                        "prometheus", "127.0.0.1:" + port));
        prometheus = PrometheusServer.start(config, folder, port);
        api = prometheus.api();
        int vmId = 1;
        do {
            replay(vmId++);
        } while (!isSettled() && Instant.now().isBefore(start.plus(LOAD_MAX)));
    }

    /** Whether every service was scraped and no panel is empty. */
    private boolean isSettled() {
        return api.isReady()
                && api.query("sum(up) == 4", Instant.now()).size() == 1
                && emptyPanels().isEmpty();
    }

    @AfterAll
    void stop() {
        if (prometheus != null) {
            prometheus.close();
        }
        if (services != null) {
            services.close();
        }
    }

    @Test
    void everyPanelHasData() {
        assertThat(emptyPanels()).as(prometheus.complaints()).isEmpty();
    }

    @Test
    void everyMetricOfTheCatalogueIsExposed() {
        Set<String> missing = new TreeSet<>(MetricCatalogue.read().always());
        missing.removeAll(api.labelValues("__name__", ANYTHING));

        assertThat(missing).isEmpty();
    }

    @Test
    void aPanelWithoutDataIsFound() {
        PanelQuery nothing = new PanelQuery("none", "rate(faultline_vcpu_faults_total{job=\"no-service\"}[1m])", false);
        PanelQuery notANumber = new PanelQuery("none", "vector(0) / vector(0)", true);

        assertThat(hasData(nothing, nothing.expr())).isFalse();
        assertThat(hasData(notANumber, notANumber.expr())).isFalse();
    }

    @Test
    void everyVariableOffersAChoice() {
        for (Dashboard dashboard : dashboards) {
            Variables variables = new Variables(dashboard, SCRAPE_INTERVAL_S);
            for (JsonNode variable : dashboard.variables()) {
                Matcher query = LABEL_VALUES.matcher(variable.path("definition").asString(""));
                if (query.matches()) {
                    assertThat(api.labelValues(query.group(2), variables.substitute(query.group(1))))
                            .as(dashboard.title() + ": " + variable.path("name"))
                            .isNotEmpty();
                }
            }
        }
    }

    @Test
    void everyRuleIsEvaluatedWithoutAnError() {
        List<JsonNode> rules = Dashboard.elements(api.rules().path("groups"))
                .flatMap(group -> Dashboard.elements(group.path("rules")))
                .toList();

        assertThat(rules).hasSizeGreaterThan(RuleFiles.recorded().size());
        assertThat(rules)
                .allSatisfy(rule -> assertThat(rule.path("health").asString())
                        .as(rule.toString())
                        .isEqualTo("ok"));
    }

    @Test
    void everyQueryOfARunbookIsAnswered() throws IOException {
        for (String query : RuleFiles.runbookQueries()) {
            assertThat(api.query(query, Instant.now())).as(query).isNotNull();
        }
    }

    private void replay(long vmId) {
        ReplaySettings settings = ReplaySettings.of(Repository.ROOT.resolve("loadtest/traces/redis-swap.trace.gz"))
                .withServices(new ReplaySettings.Services(services.vcpuAddress(), services.notifierAddress()))
                .withFaultsMax(FAULTS)
                .withVm(new ReplaySettings.Vm(vmId, 2, 2_048, PageSize.SIZE_4K))
                .withInterruption(new ReplaySettings.Interruption(FAULTS / 4, FAULTS / 2));
        ReplayResult result = new Replay(settings, ReplayProgress.NONE).run();
        assertThat(result.brokenInvariants()).isEmpty();
    }

    private List<String> emptyPanels() {
        List<String> empty = new ArrayList<>();
        for (Dashboard dashboard : dashboards) {
            Variables variables = new Variables(dashboard, SCRAPE_INTERVAL_S);
            for (PanelQuery query : dashboard.queries()) {
                if (!hasData(query, variables.substitute(query.expr()))) {
                    empty.add(query.panel() + ": " + query.expr());
                }
            }
        }
        return empty;
    }

    private boolean hasData(PanelQuery query, String expr) {
        Instant now = Instant.now();
        List<Double> values = query.isInstant()
                ? api.query(expr, now)
                : api.queryRange(expr, start, now, Duration.ofSeconds(SCRAPE_INTERVAL_S));
        return !values.isEmpty();
    }
}
