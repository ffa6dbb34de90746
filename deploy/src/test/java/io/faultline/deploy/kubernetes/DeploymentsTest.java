// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each deployment as it is: it builds, is read strictly, and no check has anything to say. */
class DeploymentsTest {
    private static final List<Check> CHECKS = List.of(
            new ConfigurationCheck(),
            new MemoryCheck(),
            new NetworkFlowCheck(),
            new PortCheck(),
            new ScalingCheck(),
            new ScrapeCheck(),
            new SecurityCheck(),
            new SelectorCheck(),
            new SpoolCheck(),
            new TerminationCheck(),
            new VocabularyCheck());

    static List<Check> checks() {
        return CHECKS;
    }

    static Stream<Arguments> deploymentsAndChecks() {
        return Manifests.DEPLOYABLE.stream()
                .flatMap(deployment -> CHECKS.stream().map(check -> Arguments.of(deployment, check)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"base", "overlays/local", "overlays/local-prometheus", "overlays/production", "replay"})
    void aKustomizationBuildsAndIsReadStrictly(String kustomization) {
        assertThat(Manifests.of(kustomization).objects()).isNotEmpty();
    }

    @ParameterizedTest
    @MethodSource("deploymentsAndChecks")
    void aDeploymentAgreesWithItselfAndWithTheServices(List<String> deployment, Check check) {
        assertThat(check.violations(Manifests.of(deployment))).isEmpty();
    }
}
