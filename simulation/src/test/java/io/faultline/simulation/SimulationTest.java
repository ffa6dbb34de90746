// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.simulation.check.Tally;
import io.faultline.simulation.message.Taps;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SimulationTest {
    private static final int SEEDS = 2_000;
    private static final int STEPS = 600;
    private static final int LINES_KEPT = 200;

    @Test
    void everyInvariantHoldsFromTwoThousandSeeds() {
        List<RunResult> results = LongStream.rangeClosed(1, SEEDS)
                .parallel()
                .mapToObj(SimulationTest::run)
                .toList();

        assertThat(results)
                .filteredOn(result -> !result.held())
                .extracting(SimulationTest::replayLine)
                .isEmpty();
        Tally tally = new Tally();
        results.forEach(result -> tally.add(result.tally()));
        assertReachesTheCorners(tally);
    }

    @Test
    void aSeedIsTheSameRunEveryTime() {
        for (long seed = 1; seed <= 20; seed++) {
            RunResult first = run(seed);
            RunResult second = run(seed);

            assertThat(second.digest()).as("seed %d", seed).isEqualTo(first.digest());
            assertThat(second.tally().all()).isEqualTo(first.tally().all());
        }
    }

    @Test
    void anotherSeedIsAnotherRun() {
        assertThat(run(1).digest()).isNotEqualTo(run(2).digest());
    }

    private static void assertReachesTheCorners(Tally tally) {
        for (String[] corner : new String[][] {
            {"asynchronous, ended", "READY"},
            {"asynchronous, ended", "CANCELLED"},
            {"asynchronous, ended", "DROPPED"},
            {"failed because", "PAGE_ABSENT"},
            {"failed because", "PAGE_CORRUPT"},
            {"failed because", "PAGE_UNAVAILABLE"},
            {"failed because", "READ_ONLY"},
            {"failed because", "VM_GONE"},
            {"guests", "wake-alls taken"},
            {"nemesis", "fault plane killed"},
            {"nemesis", "notifier killed"},
            {"nemesis", "pager killed"},
            {"refusals", "AREA_BUSY"},
            {"refusals", "EVENT_RUNNING"},
            {"refusals", "NO_GUEST"},
            {"refusals", "OWNED_ELSEWHERE"},
            {"refusals", "PE_MASKED"},
            {"refusals", "READY_UNACKNOWLEDGED"},
            {"synchronous because", "DUPLICATE"},
            {"synchronous because", "EARLIER_FAILURE"},
            {"synchronous because", "NO_FRAME"},
        }) {
            assertThat(tally.of(corner[0], corner[1]))
                    .as("%s: %s", corner[0], corner[1])
                    .isPositive();
        }
    }

    private static RunResult run(long seed) {
        return new Simulation(seed, STEPS, LINES_KEPT, new Taps()).run();
    }

    private static String replayLine(RunResult result) {
        return result.failure() + "\n./faultline simulate --seeds 1 --from " + result.seed() + " --steps " + STEPS
                + " --trace";
    }
}
