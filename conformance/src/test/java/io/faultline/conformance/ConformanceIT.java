// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.conformance.driver.Endpoints;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/** Every case holds against the real services, through taps that let everything pass. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConformanceIT {
    private static final long TIMEOUT_MS = 20_000;

    private final TappedDeployment deployment = new TappedDeployment();
    private final Endpoints endpoints = deployment.endpoints();
    private final Runner runner = new Runner(endpoints, TIMEOUT_MS, 1);

    @BeforeAll
    void allCanBeReached() {
        assertThat(endpoints.outage()).isNull();
    }

    @AfterAll
    void close() {
        endpoints.close();
        deployment.close();
    }

    @TestFactory
    Stream<DynamicTest> everyCasePasses() {
        List<Suite.Entry> all = Suite.all();
        return all.stream()
                .map(entry -> DynamicTest.dynamicTest(entry.id(), () -> {
                    CaseResult result = runner.run(entry);
                    assertThat(result.outcome())
                            .as(
                                    "%s: expected %s, came %s%n%s",
                                    entry.id(), result.expected(), result.came(), result.conversation())
                            .isEqualTo(CaseResult.Outcome.PASS);
                }));
    }
}
