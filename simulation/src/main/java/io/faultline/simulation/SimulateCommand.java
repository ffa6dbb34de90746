// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation;

import io.faultline.simulation.check.Tally;
import io.faultline.simulation.engine.Chance;
import io.faultline.simulation.message.Taps;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs the deterministic simulation of the whole platform. One use. */
@Command(
        name = "simulate",
        description =
                "Tries to break the protocol: the three planes with simulated guests on one thread, in virtual time, "
                        + "everything drawn from a seed.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every invariant held in every run",
            "1:an invariant did not hold",
            "2:a setting cannot be used"
        })
public final class SimulateCommand implements Callable<Integer> {
    private static final int HELD = 0;
    private static final int BROKEN = 1;
    private static final int DEFAULT_STEPS = 2_000;
    private static final int TRACE_LINES = 200;
    private static final long MS_BETWEEN_REPORTS = 500;

    @Spec
    @SuppressWarnings("NullAway.Init") // Set by picocli.
    private CommandSpec spec;

    @Option(names = "--seeds", paramLabel = "N", description = "How many seeds to run (default: ${DEFAULT-VALUE})")
    private long seeds = 1_000;

    @Option(names = "--from", paramLabel = "S", description = "The first seed (default: ${DEFAULT-VALUE})")
    private long from = 1;

    @Option(
            names = "--steps",
            paramLabel = "K",
            description = "Steps of each run's rough time; repair and the last checks come on top "
                    + "(default: ${DEFAULT-VALUE})")
    private long steps = DEFAULT_STEPS;

    @Option(names = "--trace", description = "After a failure, print what happened last")
    private boolean trace;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the result there as a JSON object too")
    private @Nullable Path json;

    @Override
    public Integer call() throws IOException {
        if (seeds < 1 || steps < 1) {
            throw new ParameterException(
                    spec.commandLine(), "--seeds: " + seeds + ", --steps: " + steps + " (expected: each at least 1)");
        }
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Summary summary = run(err);
        out.print(summary.table());
        out.flush();
        if (json != null) {
            summary.writeJson(json);
        }
        RunResult broken = summary.broken();
        if (broken == null) {
            return HELD;
        }
        if (trace) {
            broken.lastWords().forEach(out::println);
        }
        out.println("seed " + broken.seed() + ": " + broken.failure());
        out.println("./faultline simulate --seeds 1 --from " + broken.seed()
                + (steps == DEFAULT_STEPS ? "" : " --steps " + steps)
                + " --trace");
        out.flush();
        return BROKEN;
    }

    private Summary run(PrintWriter err) {
        Tally tally = new Tally();
        long begunNs = System.nanoTime();
        long reportedMs = 0;
        long stepsDone = 0;
        long virtualNs = 0;
        long digest = 0;
        RunResult broken = null;
        long done = 0;
        while (done < seeds && broken == null) {
            RunResult result = new Simulation(from + done, steps, TRACE_LINES, new Taps()).run();
            done++;
            tally.add(result.tally());
            stepsDone += result.steps();
            virtualNs += result.virtualNs();
            digest = Chance.mix(digest ^ result.digest());
            broken = result.held() ? null : result;
            long elapsedMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begunNs);
            if (elapsedMs - reportedMs >= MS_BETWEEN_REPORTS) {
                reportedMs = elapsedMs;
                err.printf("\r%,d of %,d seeds, %,d/s ", done, seeds, done * 1_000 / elapsedMs);
                err.flush();
            }
        }
        if (reportedMs > 0) {
            err.print("\r\033[K");
            err.flush();
        }
        long elapsedNs = System.nanoTime() - begunNs;
        return new Summary(from, done, stepsDone, virtualNs, elapsedNs, digest, tally, broken);
    }
}
