// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.conformance.driver.Endpoints;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The suite can fail: each of these bugs is found, by each case that is about it. The table of docs/conformance.md is this one's output. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DeliberateBugsIT {
    private static final long TIMEOUT_MS = 2_000;

    private final TappedDeployment deployment = new TappedDeployment();
    private final Endpoints endpoints = deployment.endpoints();
    private final Runner runner = new Runner(endpoints, TIMEOUT_MS, 1);

    @AfterEach
    void mend() {
        deployment.install(new Taps());
    }

    @AfterAll
    void close() {
        endpoints.close();
        deployment.close();
    }

    static Stream<Bug> bugs() {
        return Stream.of(FaultPlaneBugs.all(), NotifierBugs.all(), PagerBugs.all())
                .flatMap(bugs -> bugs);
    }

    @ParameterizedTest
    @MethodSource("bugs")
    void aDeliberateBugIsFound(Bug bug) {
        Taps taps = new Taps();
        bug.install().accept(taps);
        deployment.install(taps);

        for (Suite.Entry entry : Suite.of(bug.cases())) {
            CaseResult result = runner.run(entry);
            System.out.printf("| %s | %s | %s; came: %s |%n", bug, entry.id(), result.expected(), result.came());
            assertThat(result.outcome())
                    .as("%s with \"%s\": %s", entry.id(), bug, result.conversation())
                    .isEqualTo(CaseResult.Outcome.FAIL);
            assertThat(result.came()).as("found, and not by a proxy that broke").doesNotContain("stream: ");
        }
    }
}
