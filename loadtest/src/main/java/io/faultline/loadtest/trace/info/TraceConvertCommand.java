// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace.info;

import io.faultline.loadtest.trace.Compression;
import io.faultline.loadtest.trace.RecordedFault;
import io.faultline.loadtest.trace.TraceException;
import io.faultline.loadtest.trace.TraceReader;
import io.faultline.loadtest.trace.TraceWriter;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes a recording in another format. One use. */
@Command(
        name = "convert",
        description = {
            "Writes a recording in another format. The file's name says which: CSV for .csv, else Faultline's binary format; packed for"
                    + " a further .gz or .zst.",
            "The files are read and written as streams, and OUT is there when it is complete, or not at all."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {"", "Example:", "  faultline trace convert loadtest/traces/redis-swap.trace.gz redis.faults.zst"},
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:written", "2:the recording cannot be read, or the file cannot be written"})
final class TraceConvertCommand implements Callable<Integer> {
    private static final int WRITTEN = 0;
    private static final int BAD_INPUT = 2;
    private static final int BUFFER_BYTES = 1 << 18;

    @Spec
    @SuppressWarnings("NullAway.Init") // Set by picocli.
    private CommandSpec spec;

    @Parameters(paramLabel = "IN", description = "The recording, in any format of docs/traces.md")
    @SuppressWarnings("NullAway.Init") // Set by picocli.
    private Path in;

    @Parameters(paramLabel = "OUT", description = "The file to write")
    @SuppressWarnings("NullAway.Init") // Set by picocli.
    private Path out;

    @Option(names = "--to", paramLabel = "binary|csv", description = "The format, whatever the file's name ends with")
    private TraceWriter.@Nullable Format format;

    @Option(names = "--faults", paramLabel = "N", description = "Write only the first N faults (default: all)")
    private long faultsMax = Long.MAX_VALUE;

    @Option(names = "--force", description = "Write OUT even if it is there already")
    private boolean isForced;

    @Option(names = "--skip-bad-lines", description = "Pass over malformed lines, instead of stopping")
    private boolean skipsBadLines;

    @Override
    public Integer call() {
        if (Files.exists(out) && !isForced) {
            return refuse(out + ": is there already (expected: a new file, or --force)");
        }
        if (faultsMax < 1) {
            return refuse("--faults: " + faultsMax + " (expected: 1 or more)");
        }
        Path partial = out.resolveSibling(out.getFileName() + ".partial");
        try {
            long faults = convert(partial);
            Files.move(partial, out, StandardCopyOption.REPLACE_EXISTING);
            spec.commandLine()
                    .getOut()
                    .printf(
                            Locale.ROOT,
                            "%s: %,d faults, %,d bytes (from %,d)%n",
                            out.getFileName(),
                            faults,
                            Files.size(out),
                            Files.size(in));
            spec.commandLine().getOut().flush();
            return WRITTEN;
        } catch (TraceException e) {
            return refuse(e.getMessage());
        } catch (IOException e) {
            return refuse(out + ": cannot be written: " + e);
        } finally {
            delete(partial);
        }
    }

    private long convert(Path partial) throws IOException {
        String name = out.getFileName().toString();
        try (TraceReader reader = TraceReader.open(in, skipsBadLines);
                OutputStream file = new BufferedOutputStream(Files.newOutputStream(partial), BUFFER_BYTES);
                OutputStream packed = Compression.ofName(name).packed(file)) {
            TraceWriter writer = TraceWriter.of(
                    format == null ? TraceWriter.Format.ofName(name) : format,
                    packed,
                    reader.addressSpace(),
                    reader.hasTimes());
            long faults = 0;
            @Nullable RecordedFault fault;
            while (faults < faultsMax && (fault = reader.next()) != null) {
                writer.write(fault);
                faults++;
            }
            writer.finish();
            return faults;
        }
    }

    private static void delete(Path partial) {
        try {
            Files.deleteIfExists(partial);
        } catch (IOException e) {
            throw new TraceException(partial + ": cannot be deleted: " + e.getMessage(), e);
        }
    }

    private int refuse(@Nullable String message) {
        spec.commandLine().getErr().println(message);
        return BAD_INPUT;
    }
}
