// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.FailReason;
import io.faultline.model.Refusal;
import io.faultline.model.Resolution;
import io.faultline.model.SyncReason;
import io.faultline.notifier.domain.VerdictKind;
import io.faultline.simulation.check.Tally;
import io.faultline.simulation.message.Taps;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SimulationTest {
    private static final int SEEDS = 2_000;
    private static final int STEPS = 600;
    private static final int SEEDS_OF_EACH_PROCESS = 10;
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
    void aSeedIsTheSameRunInAnotherProcess() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        SimulationTest.class.getName())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(output).isZero();
        assertThat(output).isEqualTo(digests());
    }

    /** What the test above has another process say. */
    public static void main(String[] args) {
        System.out.print(digests());
    }

    private static String digests() {
        return LongStream.rangeClosed(1, SEEDS_OF_EACH_PROCESS)
                .mapToObj(seed -> seed + " " + Long.toHexString(run(seed).digest()) + "\n")
                .collect(Collectors.joining());
    }

    @Test
    void anotherSeedIsAnotherRun() {
        assertThat(run(1).digest()).isNotEqualTo(run(2).digest());
    }

    private static void assertReachesTheCorners(Tally tally) {
        assertReaches(tally, "verdicts", VerdictKind.values(), VerdictKind.NONE);
        assertReaches(tally, "refusals", Refusal.values(), Refusal.NONE);
        // A machine without an interrupt controller has no asynchronous faults. The others are not met by our own fault
        // plane.
        assertReaches(
                tally,
                "synchronous because",
                SyncReason.values(),
                SyncReason.NONE,
                SyncReason.NO_IRQCHIP,
                SyncReason.WORKS_LIMIT,
                SyncReason.STALE_EPOCH,
                SyncReason.EVENT_PENDING);
        // The stream's own checks refuse an unknown vCPU and a fault that is not one before the domain sees them.
        assertReaches(
                tally,
                "failed because",
                FailReason.values(),
                FailReason.NONE,
                FailReason.NO_SUCH_VCPU,
                FailReason.INVALID);
        assertReaches(tally, "asynchronous, ended", Resolution.values(), Resolution.NONE);
        for (String[] corner : new String[][] {
            {"hints", "given"},
            {"hints", "not taken"},
            {"guests", "signals taken"},
            {"guests", "wake-alls taken"},
            {"nemesis", "fault plane killed"},
            {"nemesis", "notifier killed"},
            {"nemesis", "pager killed"},
            {"nemesis", "shared areas inaccessible"},
            {"nemesis", "vCPU migrated"},
        }) {
            assertThat(tally.of(corner[0], corner[1]))
                    .as("%s: %s", corner[0], corner[1])
                    .isPositive();
        }
    }

    private static void assertReaches(Tally tally, String group, Enum<?>[] all, Enum<?>... unreachable) {
        assertThat(all)
                .filteredOn(each -> !List.of(unreachable).contains(each))
                .allSatisfy(each -> assertThat(tally.of(group, each.name()))
                        .as("%s: %s", group, each)
                        .isPositive());
    }

    private static RunResult run(long seed) {
        return new Simulation(seed, STEPS, LINES_KEPT, new Taps()).run();
    }

    private static String replayLine(RunResult result) {
        return result.failure() + "\n./faultline simulate --seeds 1 --from " + result.seed() + " --steps " + STEPS
                + " --trace";
    }
}
