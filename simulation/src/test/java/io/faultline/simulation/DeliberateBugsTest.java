// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.simulation.message.Taps;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The simulation can fail: each of these bugs is found, and by what it breaks. The table of docs/simulation.md is this one's output. */
class DeliberateBugsTest {
    private static final int SEEDS_MAX = 300;
    private static final int STEPS = 1_500;

    static Stream<Bug> bugs() {
        return Stream.concat(FaultPlaneBugs.all(), NotifierAndPagerBugs.all());
    }

    @ParameterizedTest
    @MethodSource("bugs")
    void aDeliberateBugIsFound(Bug bug) {
        int seed = 0;
        RunResult result;
        do {
            seed++;
            Taps taps = new Taps();
            bug.install().accept(taps);
            result = new Simulation(seed, STEPS, 1, taps).run();
        } while (result.held() && seed < SEEDS_MAX);

        System.out.printf("| %s | %s | %d |%n", bug.name(), result.broken(), seed);
        assertThat(result.broken())
                .as("%s, seed %d: %s", bug.name(), seed, result.failure())
                .isNotNull();
        assertThat(bug.breaks()).as(result.failure()).contains(result.broken());
    }
}
