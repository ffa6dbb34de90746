// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.prometheus;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.deploy.prometheus.RuleFile.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class RulesTest {
    private static final Rule GOOD = new Rule(
            "Bad",
            null,
            "up == 0",
            "1m",
            null,
            Map.of("severity", "critical"),
            Map.of("summary", "s", "description", "d", "runbook_url", "docs/runbooks/Bad.md"));

    @Test
    void everyAlertSaysHowBadItIsAndWhereToReadOn() {
        assertThat(RuleFiles.alerts()).isNotEmpty();
        assertThat(RuleChecks.ofAlerts(RuleFiles.alerts())).isEmpty();
    }

    @Test
    void anAlertThatSaysNothingIsFound() {
        Rule silent = new Rule("Bad", null, "up == 0", null, null, Map.of("severity", "loud"), null);

        assertThat(RuleChecks.ofAlerts(List.of(GOOD))).isEmpty();
        assertThat(RuleChecks.ofAlerts(List.of(GOOD, silent)))
                .containsExactly(
                        "Bad: its name is taken",
                        "Bad: its severity is none of [critical, warning]",
                        "Bad: it has no summary",
                        "Bad: it has no description",
                        "Bad: its runbook_url is not docs/runbooks/Bad.md");
    }

    @Test
    void everyAlertHasARunbookAndEveryRunbookAnAlert() throws IOException {
        Map<String, String> runbooks = new TreeMap<>();
        for (Path runbook : RuleFiles.runbooks()) {
            runbooks.put(runbook.getFileName().toString().replace(".md", ""), Files.readString(runbook));
        }

        assertThat(RuleChecks.ofRunbooks(alertNames(), runbooks)).isEmpty();
    }

    @Test
    void aMissingOrEmptyRunbookIsFound() {
        assertThat(RuleChecks.ofRunbooks(Set.of("Bad"), Map.of("Worse", "# Worse\n\n## Meaning\n\n## Impact\n")))
                .containsExactly(
                        "Bad: it has no runbook",
                        "Worse.md: no alert has this runbook",
                        "Worse.md: it has no ## Diagnosis",
                        "Worse.md: it has no ## Mitigation",
                        "Worse.md: it has no commands");
    }

    @Test
    void everyMetricOfARuleIsInTheCatalogue() {
        Set<String> known = new TreeSet<>(MetricCatalogue.read().names());
        known.addAll(RuleFiles.recorded());
        Set<String> read = RuleFiles.all().stream()
                .flatMap(rule -> MetricNames.of(rule.expr()).stream())
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(known).containsAll(read);
    }

    @Test
    void everyMetricOfARunbookIsInTheCatalogueAndEveryLinkLeadsSomewhere() throws IOException {
        Set<String> known = new TreeSet<>(MetricCatalogue.read().names());
        known.addAll(RuleFiles.recorded());

        for (Path file : RuleFiles.runbooks()) {
            Runbook runbook = Runbook.read(file);

            assertThat(known).as(file.toString()).containsAll(runbook.metrics());
            assertThat(runbook.links()).as(file.toString()).allMatch(link -> Files.exists(file.resolveSibling(link)));
        }
    }

    private static Set<String> alertNames() {
        return RuleFiles.alerts().stream()
                .map(rule -> Objects.requireNonNull(rule.alert()))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
