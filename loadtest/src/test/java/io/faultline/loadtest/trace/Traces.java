// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import io.faultline.model.Access;
import io.faultline.model.PageSize;
import io.faultline.model.Privilege;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** Recordings for tests: the two real ones, and small ones made up. */
public final class Traces {
    /** redis-server, one thread. */
    public static final Path REDIS = Path.of("traces/redis-swap.trace.gz");
    /** memcached, seven threads. */
    public static final Path MEMCACHED = Path.of("traces/memcached-swap.trace.gz");

    private static final int MEMSLOTS_MAX = 511;

    private Traces() {}

    /** A fault that stays as it is. */
    public record Fault(long timeNs, int threadId, String comm, long address, Access access, Privilege privilege) {
        /** A copy. */
        public static Fault of(RecordedFault fault) {
            return new Fault(
                    fault.timeNs(), fault.threadId(), fault.comm(), fault.address(), fault.access(), fault.privilege());
        }
    }

    /** All faults of a file. */
    public static List<Fault> read(Path file, boolean skipsBadLines) {
        List<Fault> faults = new ArrayList<>();
        try (TraceReader reader = TraceReader.open(file, skipsBadLines)) {
            @Nullable RecordedFault fault;
            while ((fault = reader.next()) != null) {
                faults.add(Fault.of(fault));
            }
        }
        return faults;
    }

    /** A line as the kernel prints it. */
    public static String line(String comm, int threadId, long address, int errorCode) {
        return "%16s-%-7d [001] d....  2489.559348: page_fault_user: address=0x%x ip=0x5619975e4975 error_code=0x%x"
                .formatted(comm, threadId, address, errorCode);
    }

    /** Writes a recording as plain text. */
    public static Path write(Path directory, String... lines) throws IOException {
        return Files.writeString(directory.resolve("small.trace"), String.join("\n", lines) + "\n");
    }

    /** Text as gzip. */
    public static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        }
        return bytes.toByteArray();
    }

    /** Loads a whole recording with 4 KiB pages. */
    public static Recording load(Path file) {
        return Recording.load(file, new Recording.Options(PageSize.SIZE_4K, MEMSLOTS_MAX, Recording.FAULTS_MAX, false));
    }
}
