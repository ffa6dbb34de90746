// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import io.faultline.benchmarks.Measured;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** Reading a recording: the first faults of the one in the repository, from a plain file in the page cache. */
public class TraceReaderBenchmark extends Measured {
    private static final int FAULTS = 10_000;
    private static final Path RECORDING =
            Path.of(System.getProperty("faultline.home", ".."), "loadtest", "traces", "redis-swap.trace.gz");

    /** As ftrace printed them, or in Faultline's binary format. */
    @Param({"text", "binary"})
    public String format;

    private Path recording;

    /** Unpacks the faults into a file of their own. */
    @Setup
    public void unpack() throws IOException {
        Path text = Files.createTempFile("faultline", ".trace");
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(RECORDING)), StandardCharsets.ISO_8859_1))) {
            List<String> faults = lines.lines()
                    .filter(line -> line.contains("page_fault_user"))
                    .limit(FAULTS)
                    .toList();
            Files.write(text, faults, StandardCharsets.ISO_8859_1);
        }
        recording = format.equals("text") ? text : converted(text);
    }

    private static Path converted(Path text) throws IOException {
        Path binary = Files.createTempFile("faultline", ".faults");
        try (TraceReader reader = TraceReader.open(text, false);
                OutputStream out = Files.newOutputStream(binary)) {
            TraceWriter writer =
                    TraceWriter.of(TraceWriter.Format.BINARY, out, reader.addressSpace(), reader.hasTimes());
            RecordedFault fault;
            while ((fault = reader.next()) != null) {
                writer.write(fault);
            }
            writer.finish();
        }
        Files.delete(text);
        return binary;
    }

    /** Takes the file away. */
    @TearDown
    public void delete() throws IOException {
        Files.delete(recording);
    }

    /** A fault: found, parsed, checked. */
    @Benchmark
    @OperationsPerInvocation(FAULTS)
    public long read() {
        long addresses = 0;
        int faults = 0;
        try (TraceReader reader = TraceReader.open(recording, false)) {
            RecordedFault fault;
            while ((fault = reader.next()) != null) {
                addresses ^= fault.address();
                faults++;
            }
        }
        if (faults != FAULTS) {
            throw new IllegalStateException("faults: " + faults + " (expected: " + FAULTS + ")");
        }
        return addresses;
    }
}
