// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.bench;

import io.faultline.loadtest.trace.Recording;
import io.faultline.loadtest.trace.TraceException;
import io.faultline.model.PageSize;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Counts the misses of each eviction policy over a recording. One use. */
@Command(
        name = "policy",
        description = {
            "Counts how often each eviction policy misses over a recording.",
            "Every fault is one reference to its page, and a page that misses is kept. min_demand is the least that any"
                    + " policy could miss that must keep it, min_bypass the least if it need not."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:counted", "2:a setting or the recording cannot be used"})
final class BenchPolicyCommand implements Callable<Integer> {
    private static final int COUNTED = 0;
    private static final int BAD_INPUT = 2;
    private static final int MEMSLOTS_MAX = 512;

    @Spec
    @SuppressWarnings("NullAway.Init") // Set by picocli.
    private CommandSpec spec;

    @Option(
            names = "--trace",
            paramLabel = "FILE",
            defaultValue = "${sys:faultline.home:-.}/loadtest/traces/redis-swap.trace.gz",
            description = "The recording, in any format of docs/traces.md"
                    + " (default: loadtest/traces/redis-swap.trace.gz)")
    @SuppressWarnings("NullAway.Init") // Set by picocli.
    private Path trace;

    @Option(
            names = "--capacity",
            paramLabel = "PAGES",
            description = "How many pages fit, 1 or more (default: ${DEFAULT-VALUE})")
    private int capacity = 12_288;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the counts there as a JSON object too")
    private @Nullable Path json;

    @Option(names = "--skip-bad-lines", description = "Count malformed lines and go on, instead of stopping")
    private boolean skipsBadLines;

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        if (capacity < 1) {
            err.println("--capacity: " + capacity + " (expected: 1 or more)");
            return BAD_INPUT;
        }
        try {
            Recording recording = Recording.load(
                    trace, new Recording.Options(PageSize.SIZE_4K, MEMSLOTS_MAX, Recording.FAULTS_MAX, skipsBadLines));
            PolicyMisses misses = PolicyMisses.count(References.of(recording), capacity);
            spec.commandLine().getOut().print(PolicyReport.table(trace, misses));
            spec.commandLine().getOut().flush();
            if (json != null) {
                Files.writeString(json, PolicyReport.json(trace, misses) + "\n");
            }
            return COUNTED;
        } catch (TraceException e) {
            err.println(e.getMessage());
            return BAD_INPUT;
        } catch (IOException e) {
            err.println(json + " cannot be written: " + e.getMessage());
            return BAD_INPUT;
        }
    }
}
