// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import io.faultline.loadtest.StopOnInterrupt;
import io.faultline.soak.loss.LossResult;
import io.faultline.soak.loss.Losses;
import io.faultline.soak.loss.LossesJson;
import io.faultline.soak.loss.LossesTable;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Each part of a system lost once, under traffic. One use. */
@Command(
        name = "losses",
        description = {
            "Starts a system of three services and a broker for each loss, has two guests write in it, takes a part away and",
            "brings it back, and checks that every fault ended once or its client was told, that no page is wrong, that guests",
            "went on, and that the audit trail is whole or names what it lacks.",
            ""
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {"", "Example:", "  faultline losses --only vcpu-kill,pager-kill --json losses.json"},
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:all losses that were tried held; what could not be tried here is said to be skipped",
            "1:something did not hold",
            "2:a setting cannot be used, or a system cannot start",
            "3:nothing could be tried",
            "130:interrupted; every process was ended"
        })
final class LossesCommand implements Callable<Integer> {
    private static final int HELD = 0;
    private static final int BROKEN = 1;
    private static final int BAD_INPUT = 2;
    private static final int NOTHING_TRIED = 3;
    private static final int INTERRUPTED = 130;
    private static final Duration STOP_TIMEOUT = Duration.ofMinutes(3);

    @Spec
    @SuppressWarnings("NullAway.Init") // Set by picocli.
    private CommandSpec spec;

    @Option(
            names = "--only",
            paramLabel = "NAME",
            split = ",",
            description = "Only these losses, with commas between (default: all)")
    private @Nullable List<String> only;

    @Option(names = "--list", description = "Print the losses' names and what they are, and end")
    private boolean isList;

    @Option(
            names = "--data-directory",
            paramLabel = "DIRECTORY",
            description = "Keep data and logs there (default: a temporary directory, deleted when all held)")
    private @Nullable Path dataDirectory;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the results there as a JSON object too")
    private @Nullable Path json;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        if (isList) {
            Losses.names().forEach(name -> out.printf("%-18s %s%n", name, Losses.words(name)));
            out.flush();
            return HELD;
        }
        try (DataDirectory data = DataDirectory.open(dataDirectory)) {
            try {
                List<LossResult> results = run(data.path());
                out.print(LossesTable.of(results));
                out.flush();
                if (json != null) {
                    Files.writeString(json, LossesJson.of(results) + "\n");
                }
                int code = exitCode(results);
                if (code == BROKEN) {
                    keep(data);
                }
                return code;
            } catch (IllegalArgumentException e) {
                spec.commandLine().getErr().println(e.getMessage());
                return BAD_INPUT;
            } catch (CancellationException | InterruptedException e) {
                return INTERRUPTED;
            } catch (IllegalStateException e) {
                keep(data);
                throw e;
            }
        }
    }

    private static int exitCode(List<LossResult> results) {
        List<LossResult> tried =
                results.stream().filter(result -> result.skipped() == null).toList();
        if (tried.isEmpty()) {
            return NOTHING_TRIED;
        }
        return tried.stream().allMatch(LossResult::hasHeld) ? HELD : BROKEN;
    }

    private static void keep(DataDirectory data) {
        data.keep();
        Terminal.say("Logs and data are kept in " + data.path());
    }

    private List<LossResult> run(Path directory) throws IOException, InterruptedException {
        Losses losses = new Losses(Path.of(System.getProperty("faultline.home", ".")), directory, new Progress());
        try (StopOnInterrupt _ = StopOnInterrupt.open(losses::stop, STOP_TIMEOUT, LossesCommand::killWhatIsLeft)) {
            return losses.run(only == null ? Losses.names() : only);
        }
    }

    private static void killWhatIsLeft() {
        ProcessHandle.current().children().forEach(ProcessHandle::destroyForcibly);
    }

    /** Says what happens. */
    private static final class Progress implements Losses.Listener {
        @Override
        public void begins(String what) {
            Terminal.say(what + " …");
        }

        @Override
        public void ended(LossResult result) {
            if (result.skipped() != null) {
                Terminal.say("  " + result.name() + ": skipped, " + result.skipped());
                return;
            }
            LossResult.Figures figures = result.figures();
            Terminal.say("  " + result.name() + ": "
                    + (result.hasHeld() ? "held" : "BROKEN: " + String.join("; ", result.broken()))
                    + (figures == null
                            ? ""
                            : "; all done %.2f s after the return".formatted(figures.lastAfterReturnS())));
        }
    }
}
