// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.prometheus;

import io.faultline.deploy.Repository;
import io.faultline.deploy.prometheus.RuleFile.Rule;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The rules of this repository, their unit tests, and their runbooks. */
public final class RuleFiles {
    static final Path PROMETHEUS = Repository.ROOT.resolve("deploy/prometheus");
    static final Path RUNBOOKS = Repository.ROOT.resolve("docs/runbooks");

    private static final ObjectMapper YAML = YAMLMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private RuleFiles() {}

    /** The files of rules. */
    static List<Path> rules() {
        return Repository.files(PROMETHEUS.resolve("rules"), ".yml");
    }

    /** The files of unit tests. */
    static List<Path> tests() {
        return Repository.files(PROMETHEUS.resolve("tests"), ".yml");
    }

    /** The runbooks. */
    static List<Path> runbooks() {
        return Repository.files(RUNBOOKS, ".md");
    }

    /** The rules of a file. */
    static RuleFile read(Path file) {
        return YAML.readValue(file, RuleFile.class);
    }

    /** All rules. */
    static List<Rule> all() {
        return rules().stream()
                .flatMap(file -> read(file).groups().stream())
                .flatMap(group -> group.rules().stream())
                .toList();
    }

    /** All rules that are alerts. */
    static List<Rule> alerts() {
        return all().stream().filter(rule -> rule.alert() != null).toList();
    }

    /** The names of the series that rules record. */
    public static Set<String> recorded() {
        return all().stream().map(Rule::record).filter(Objects::nonNull).collect(Collectors.toSet());
    }

    /** The queries that runbooks tell people to run. */
    public static List<String> runbookQueries() throws IOException {
        List<String> queries = new ArrayList<>();
        for (Path runbook : runbooks()) {
            queries.addAll(Runbook.read(runbook).queries());
        }
        return queries;
    }
}
