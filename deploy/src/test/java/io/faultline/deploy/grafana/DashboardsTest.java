// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.grafana;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.deploy.prometheus.MetricCatalogue;
import io.faultline.deploy.prometheus.RuleFiles;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class DashboardsTest {
    /** Given as {@code -Dfaultline.dashboards.write=true}, the committed files are written anew first. */
    private static final boolean WRITES = Boolean.getBoolean("faultline.dashboards.write");

    private static final String OVERVIEW = "Faultline / Overview";

    @BeforeAll
    static void writeIfAsked() {
        if (WRITES) {
            DashboardFiles.write();
        }
    }

    @Test
    void theCommittedDashboardsAreWhatTheirSourcesSay() {
        assertThat(DashboardFiles.committed())
                .as("run ./faultline test -pl deploy -am -Dtest=DashboardsTest -Dsurefire.failIfNoSpecifiedTests=false"
                        + " -Dfaultline.dashboards.write=true")
                .isEqualTo(DashboardFiles.written());
    }

    @Test
    void nothingIsWrongWithThem() {
        List<Dashboard> dashboards = DashboardFiles.dashboards();

        assertThat(dashboards).hasSizeGreaterThanOrEqualTo(6);
        assertThat(new DashboardChecks(dashboards, metrics()).findings()).isEmpty();
    }

    @Test
    void aPanelThatSaysNothingIsFound() {
        assertThat(findingsWith(panel -> panel.put("description", "").put("title", "")))
                .containsExactlyInAnyOrder(
                        OVERVIEW + " / : it has no title",
                        OVERVIEW + " / : its description is missing or says too little");
    }

    @Test
    void aPanelWithoutUnitOrThresholdsIsFound() {
        assertThat(findingsWith(panel -> panel.putObject("fieldConfig").putObject("defaults")))
                .containsExactlyInAnyOrder(
                        OVERVIEW + " / Alerts that fire: it has no unit",
                        OVERVIEW + " / Alerts that fire: it has no colour below its first threshold");
    }

    @Test
    void aPanelWithADataSourceOfItsOwnIsFound() {
        assertThat(findingsWith(panel -> panel.putObject("datasource").put("uid", "prometheus")))
                .containsExactly(OVERVIEW + " / Alerts that fire: it does not use the data source that was chosen");
    }

    @Test
    void aQueryOfAnUnknownMetricOrVariableIsFound() {
        assertThat(findingsWith(panel -> ((ObjectNode) panel.path("targets").path(0))
                        .put("expr", "faultline_no_such_metric{instance=~\"$nobody\"}")))
                .containsExactlyInAnyOrder(
                        OVERVIEW + " / Alerts that fire: docs/metrics.md does not know [faultline_no_such_metric]",
                        OVERVIEW + ": it offers the variables [datasource, window] and uses"
                                + " [datasource, nobody, window]");
    }

    @Test
    void aPanelOnAnotherIsFound() {
        assertThat(findingsWith(panel -> ((ObjectNode) panel.path("gridPos")).put("x", 1)))
                .containsExactly(OVERVIEW + " / Faults that succeed: it covers Alerts that fire");
    }

    @Test
    void aLinkToNowhereIsFound() {
        assertThat(findingsWith(panel -> panel.putArray("links").addObject().put("url", "/d/faultline-nowhere")))
                .containsExactly(OVERVIEW + " / Alerts that fire: its link leads nowhere: /d/faultline-nowhere");
    }

    @Test
    void aUidThatIsTakenIsFound() {
        List<Dashboard> dashboards = DashboardFiles.dashboards();
        dashboards.get(1).json().put("uid", dashboards.get(0).uid());

        assertThat(new DashboardChecks(dashboards, metrics()).findings())
                .contains(dashboards.get(1).title() + ": its uid is empty or taken: "
                        + dashboards.get(0).uid());
    }

    /** The findings when the overview's first panel is changed. */
    private static List<String> findingsWith(Consumer<ObjectNode> change) {
        List<Dashboard> dashboards = DashboardFiles.dashboards();
        Dashboard overview = dashboards.stream()
                .filter(dashboard -> dashboard.title().equals(OVERVIEW))
                .findFirst()
                .orElseThrow();
        change.accept((ObjectNode) overview.panels().getFirst());
        return new DashboardChecks(dashboards, metrics()).findings();
    }

    private static Set<String> metrics() {
        Set<String> metrics = new TreeSet<>(MetricCatalogue.read().names());
        metrics.addAll(RuleFiles.recorded());
        return metrics;
    }
}
