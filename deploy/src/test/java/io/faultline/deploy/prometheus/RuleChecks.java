// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.prometheus;

import io.faultline.deploy.prometheus.RuleFile.Rule;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What alerts and runbooks owe to each other and to the person who is woken; each finding is a sentence. */
final class RuleChecks {
    private static final Set<String> SEVERITIES = Set.of("critical", "warning");
    private static final List<String> HEADINGS = List.of("## Meaning", "## Impact", "## Diagnosis", "## Mitigation");

    private RuleChecks() {}

    /** What alerts do not say of themselves. */
    static List<String> ofAlerts(List<Rule> alerts) {
        List<String> findings = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Rule alert : alerts) {
            String name = Objects.requireNonNull(alert.alert());
            if (!names.add(name)) {
                findings.add(name + ": its name is taken");
            }
            if (!SEVERITIES.contains(value(alert.labels(), "severity"))) {
                findings.add(name + ": its severity is none of " + new TreeSet<>(SEVERITIES));
            }
            for (String annotation : List.of("summary", "description")) {
                if (value(alert.annotations(), annotation).isBlank()) {
                    findings.add(name + ": it has no " + annotation);
                }
            }
            if (!value(alert.annotations(), "runbook_url").equals("docs/runbooks/" + name + ".md")) {
                findings.add(name + ": its runbook_url is not docs/runbooks/" + name + ".md");
            }
        }
        return findings;
    }

    /**
     * What is missing of runbooks.
     *
     * @param alerts the names of the alerts
     * @param runbooks the runbooks' texts by their files' names, without the suffix
     */
    static List<String> ofRunbooks(Set<String> alerts, Map<String, String> runbooks) {
        List<String> findings = new ArrayList<>();
        for (String alert : new TreeSet<>(alerts)) {
            if (!runbooks.containsKey(alert)) {
                findings.add(alert + ": it has no runbook");
            }
        }
        runbooks.forEach((name, text) -> {
            if (!alerts.contains(name)) {
                findings.add(name + ".md: no alert has this runbook");
            }
            if (!text.startsWith("# " + name + "\n")) {
                findings.add(name + ".md: it does not begin with its name");
            }
            for (String heading : HEADINGS) {
                if (!text.contains("\n" + heading + "\n")) {
                    findings.add(name + ".md: it has no " + heading);
                }
            }
            if (!text.contains("\n```console\n")) {
                findings.add(name + ".md: it has no commands");
            }
        });
        return findings;
    }

    private static String value(@Nullable Map<String, String> map, String key) {
        return map == null ? "" : map.getOrDefault(key, "");
    }
}
