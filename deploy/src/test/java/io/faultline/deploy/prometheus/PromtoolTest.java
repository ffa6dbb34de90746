// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.prometheus;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The configuration and the rules, held against Prometheus' own checker and against their unit tests. */
class PromtoolTest {
    private static final YAMLMapper YAML = YAMLMapper.builder().build();

    @TempDir
    private Path copy;

    @Test
    void theConfigurationIsValidWithItsRules() {
        Promtool check = Promtool.run(RuleFiles.PROMETHEUS, "check", "config", "prometheus.yml");

        assertThat(check.exitCode()).as(check.output()).isZero();
        assertThat(check.output()).contains("rule files found");
    }

    @Test
    void noRuleStandsTwice() {
        Promtool check =
                Promtool.run(RuleFiles.PROMETHEUS, arguments("check rules --lint=all --lint-fatal", RuleFiles.rules()));

        assertThat(check.exitCode()).as(check.output()).isZero();
    }

    @Test
    void theUnitTestsHold() {
        Promtool test = Promtool.run(RuleFiles.PROMETHEUS, arguments("test rules", RuleFiles.tests()));

        assertThat(test.exitCode()).as(test.output()).isZero();
    }

    @ParameterizedTest
    @MethodSource("alerts")
    void anAlertThatNeverFiresFailsItsUnitTests(String alert) throws IOException {
        assertThat(testWith(alert, rule -> rule.put("expr", "vector(1) < 0"))).contains("FAILED");
    }

    @ParameterizedTest
    @MethodSource("alerts")
    void anAlertThatAlwaysFiresFailsItsUnitTests(String alert) throws IOException {
        assertThat(testWith(alert, rule -> rule.put("expr", "vector(1)").put("for", "0s")))
                .contains("FAILED");
    }

    @ParameterizedTest
    @MethodSource("alertsThatWait")
    void anAlertThatWaitsForNothingFailsItsUnitTests(String alert) throws IOException {
        assertThat(testWith(alert, rule -> rule.put("for", "0s"))).contains("FAILED");
    }

    static Stream<String> alerts() {
        return RuleFiles.alerts().stream().map(rule -> Objects.requireNonNull(rule.alert()));
    }

    static Stream<String> alertsThatWait() {
        return RuleFiles.alerts().stream()
                .filter(rule -> rule.duration() != null)
                .map(rule -> Objects.requireNonNull(rule.alert()));
    }

    /** What the unit tests of an alert say when its rule is changed. */
    private String testWith(String alert, Consumer<ObjectNode> change) throws IOException {
        Path rules = Files.createDirectories(copy.resolve("rules"));
        Path tests = Files.createDirectories(copy.resolve("tests"));
        for (Path file : RuleFiles.rules()) {
            JsonNode tree = YAML.readTree(Files.readString(file));
            tree.path("groups")
                    .forEach(group -> group.path("rules").forEach(rule -> {
                        if (rule.path("alert").asString("").equals(alert)) {
                            change.accept((ObjectNode) rule);
                        }
                    }));
            Files.writeString(rules.resolve(file.getFileName()), YAML.writeValueAsString(tree));
        }
        Path test = tests.resolve(alert + ".yml");
        Files.copy(RuleFiles.PROMETHEUS.resolve("tests").resolve(alert + ".yml"), test);
        return Promtool.run(tests, "test", "rules", test.toString()).output();
    }

    private static String[] arguments(String words, List<Path> files) {
        return Stream.concat(Stream.of(words.split(" ")), files.stream().map(Path::toString))
                .toArray(String[]::new);
    }
}
