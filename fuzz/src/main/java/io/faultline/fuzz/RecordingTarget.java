// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.fuzz;

import io.faultline.loadtest.trace.RecordedFault;
import io.faultline.loadtest.trace.TraceException;
import io.faultline.loadtest.trace.TraceReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A recording in whatever format its bytes look like: read to its end, or refused with a TraceException that names the file. */
final class RecordingTarget implements FuzzTarget {
    private final Path file;

    RecordingTarget() {
        try {
            file = Files.createTempFile("fuzz", ".trace");
            file.toFile().deleteOnExit();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void read(byte[] bytes) throws IOException {
        Files.write(file, bytes);
        for (boolean skipsBadLines : new boolean[] {true, false}) {
            try (TraceReader reader = TraceReader.open(file, skipsBadLines)) {
                @Nullable RecordedFault fault;
                do {
                    fault = reader.next();
                } while (fault != null);
            } catch (TraceException refused) {
                if (!String.valueOf(refused.getMessage()).startsWith(file.toString())) {
                    throw refused;
                }
            }
        }
    }

    @Override
    public List<byte[]> seeds() {
        return List.of(
                text("# tracer: nop\n  redis-server-871   [003] d.... 1.234567: page_fault_user: address=0x7f0000001000"
                        + " ip=0x55d0c0a0b0c0 error_code=0x6\n"),
                text("  CPU 0/KVM-1234 [002] .... 5.000001: kvm_guest_fault: ipa 0x42000000, hsr 0x92000007, hxfar"
                        + " 0xffff0000, pc 0xffff8000\n"),
                text(" I  04000000,3\n L 04001000,8\n S 04002000,4\n"),
                text("time_ns,address,access\n1,0x1000,r\n2,0x2000,w\n"));
    }

    private static byte[] text(String lines) {
        return lines.getBytes(StandardCharsets.UTF_8);
    }
}
