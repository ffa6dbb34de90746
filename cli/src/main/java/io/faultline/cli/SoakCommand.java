// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import io.faultline.loadtest.StopOnInterrupt;
import io.faultline.soak.Soak;
import io.faultline.soak.SoakJson;
import io.faultline.soak.SoakListener;
import io.faultline.soak.SoakResult;
import io.faultline.soak.SoakSettings;
import io.faultline.soak.SoakTable;
import io.faultline.soak.course.CoursePlot;
import io.faultline.soak.strike.StrikeRecord;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Guests that write, a whole system in processes under them, and what goes wrong meanwhile. One use. */
@Command(
        name = "soak",
        description = {
            "Starts the services as processes (three pagers among them), a Redis Cluster of six and a Kafka broker, replays"
                    + " recordings with their writes in several VMs at a time, and checks every page of every VM at its end.",
            "",
            "With --chaos pagers and cluster masters are killed and stalled meanwhile, and the network to them is made slow,"
                    + " silent and cut.",
            "",
            "A run of five minutes or more fails too if a service takes more and more: heap, buffers, memory, files, threads, or"
                    + " time for a fault.",
            ""
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {"", "Example:", "  faultline soak --minutes 5 --chaos --json soak.json"},
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:no page wrong, none lost, every token ended once, nothing grew",
            "1:something did not hold",
            "2:a setting cannot be used, or the system cannot start",
            "130:interrupted; every process was ended"
        })
final class SoakCommand implements Callable<Integer> {
    private static final int HELD = 0;
    private static final int BROKEN = 1;
    private static final int BAD_INPUT = 2;
    private static final int INTERRUPTED = 130;
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(60);
    private static final double S_PER_MINUTE = 60;
    private static final double MS_PER_S = 1_000;
    private static final int MINUTES_MAX = 7 * 24 * 60;

    @Spec
    @SuppressWarnings("NullAway.Init") // Set by picocli.
    private CommandSpec spec;

    @Option(
            names = "--minutes",
            paramLabel = "N",
            description = "How long guests are at work, about; 0.5 is half a minute (default: ${DEFAULT-VALUE})")
    private double minutes = 5;

    @Option(names = "--chaos", description = "Let things go wrong meanwhile")
    private boolean isChaos;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Draws the strikes and the pages' contents (default: another one each time; it is printed)")
    private long seed = ThreadLocalRandom.current().nextLong(1_000_000);

    @Option(names = "--vms", paramLabel = "N", description = "How many VMs at a time (default: ${DEFAULT-VALUE})")
    private int vms = 3;

    @Option(
            names = "--faults",
            paramLabel = "N",
            description = "How many faults a VM lives for at most, before it is read back and another one begins"
                    + " (default: ${DEFAULT-VALUE})")
    private int faults = 40_000;

    @Option(
            names = "--rate",
            paramLabel = "N",
            description = "How many faults a second each VM raises at most, 0 for as many as it can"
                    + " (default: ${DEFAULT-VALUE})")
    private int rate = 1_000;

    @Option(
            names = "--resident-pages",
            paramLabel = "N",
            description = "How many pages of a VM may be in its frames (default: ${DEFAULT-VALUE})")
    private long residentPages = 2_048;

    @Option(
            names = "--data-directory",
            paramLabel = "DIRECTORY",
            description = "Keep data and logs there (default: a temporary directory, deleted when all held)")
    private @Nullable Path dataDirectory;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the result there as a JSON object too")
    private @Nullable Path json;

    @Option(
            names = "--plot",
            paramLabel = "FILE",
            description =
                    "Draw what each service took over the time (memory, files, threads, times of faults) there, as an SVG"
                            + " image")
    private @Nullable Path plot;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        try (DataDirectory data = DataDirectory.open(dataDirectory)) {
            try {
                SoakResult result = run(settings(data.path()));
                out.print(SoakTable.of(result));
                out.flush();
                if (json != null) {
                    Files.writeString(json, SoakJson.of(result) + "\n");
                }
                if (plot != null) {
                    Files.writeString(plot, CoursePlot.of(result.course()));
                }
                if (result.hasHeld()) {
                    return HELD;
                }
                keep(data);
                return BROKEN;
            } catch (IllegalArgumentException e) {
                spec.commandLine().getErr().println(e.getMessage());
                return BAD_INPUT;
            } catch (CancellationException e) {
                return INTERRUPTED;
            } catch (IllegalStateException e) {
                keep(data);
                throw e;
            }
        }
    }

    private static void keep(DataDirectory data) {
        data.keep();
        Terminal.say("Logs and data are kept in " + data.path());
    }

    private SoakSettings settings(Path directory) {
        if (!(minutes > 0 && minutes <= MINUTES_MAX)) {
            throw new IllegalArgumentException(
                    "--minutes: " + minutes + " (expected: more than 0, at most " + MINUTES_MAX + ")");
        }
        return new SoakSettings(
                Duration.ofMillis((long) (minutes * S_PER_MINUTE * MS_PER_S)),
                isChaos,
                seed,
                new SoakSettings.Load(vms, residentPages, faults, rate),
                Path.of(System.getProperty("faultline.home", ".")),
                directory);
    }

    /** Soaks; an interrupt from the keyboard has every process ended before this one does. */
    private static SoakResult run(SoakSettings settings) throws IOException {
        Soak soak = new Soak(settings, new Progress());
        try (StopOnInterrupt _ = StopOnInterrupt.open(soak::stop, STOP_TIMEOUT, SoakCommand::killWhatIsLeft)) {
            return soak.run();
        }
    }

    private static void killWhatIsLeft() {
        ProcessHandle.current().children().forEach(ProcessHandle::destroyForcibly);
    }

    /** Says what happens. */
    private static final class Progress implements SoakListener {
        @Override
        public void begins(String what) {
            Terminal.say(what + " …");
        }

        @Override
        public void survived(StrikeRecord strike) {
            Terminal.say("  survived: %s (%s, %.1f s out, %.1f s to recover)"
                    .formatted(strike.kind().words(), strike.target(), strike.outageS(), strike.recoveryS()));
        }
    }
}
