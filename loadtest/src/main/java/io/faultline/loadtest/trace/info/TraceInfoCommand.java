// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace.info;

import io.faultline.loadtest.trace.TraceException;
import io.faultline.loadtest.trace.TraceReader;
import io.faultline.model.PageSize;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tells what a recording holds. One use. */
@Command(
        name = "info",
        description = {
            "Tells what a recording holds: faults, pages, threads, rates, how many pages were touched in each part of its time, and how"
                    + " many faults a least-recently-used memory of each size would miss.",
            "The file is read once and as a stream. With more than 1,048,576 pages, pages and misses are estimates from a sample."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:told", "2:the recording cannot be read"})
final class TraceInfoCommand implements Callable<Integer> {
    private static final int TOLD = 0;
    private static final int BAD_INPUT = 2;

    @Spec
    @SuppressWarnings("NullAway.Init") // Set by picocli.
    private CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "The recording, in any format of docs/traces.md")
    @SuppressWarnings("NullAway.Init") // Set by picocli.
    private Path file;

    @Option(names = "--json", description = "Print a JSON object")
    private boolean isJson;

    @Option(
            names = "--page-size",
            paramLabel = "BYTES",
            description = "The size of a page, 4096, 16384 or 65536 (default: ${DEFAULT-VALUE})")
    private int pageSize = PageSize.SIZE_4K.bytes();

    @Option(names = "--skip-bad-lines", description = "Count malformed lines and go on, instead of stopping")
    private boolean skipsBadLines;

    @Override
    public Integer call() {
        try (TraceReader reader = TraceReader.open(file, skipsBadLines)) {
            TraceProfile profile = TraceProfile.of(reader, PageSize.ofBytes(pageSize));
            PrintWriter out = spec.commandLine().getOut();
            out.print(
                    isJson
                            ? TraceInfoJson.of(file, reader, profile) + System.lineSeparator()
                            : TraceInfoText.of(file, reader, profile));
            out.flush();
            return TOLD;
        } catch (TraceException | IllegalArgumentException e) {
            spec.commandLine().getErr().println(e.getMessage());
            return BAD_INPUT;
        }
    }
}
