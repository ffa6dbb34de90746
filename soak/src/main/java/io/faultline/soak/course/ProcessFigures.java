// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.course;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** What the system says of a process, by its id; on Linux alone. Stateless. */
final class ProcessFigures {
    private static final long COLLECT_TIMEOUT_S = 5;
    private static final int BYTES_PER_KIB = 1_024;

    private ProcessFigures() {}

    /** Its memory in RAM, in bytes. */
    static long residentBytes(long pid) throws IOException {
        return status(pid, "VmRSS") * BYTES_PER_KIB;
    }

    static long threads(long pid) throws IOException {
        return status(pid, "Threads");
    }

    static long openFiles(long pid) throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
            return files.count();
        }
    }

    /** Asks a JVM for a whole collection, and waits for it; false if it did not do so in time. */
    static boolean collected(long pid) throws IOException, InterruptedException {
        Process jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(pid),
                        "GC.run")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            return jcmd.waitFor(COLLECT_TIMEOUT_S, TimeUnit.SECONDS) && jcmd.exitValue() == 0;
        } finally {
            jcmd.destroyForcibly();
        }
    }

    private static long status(long pid, String key) throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
                .filter(line -> line.startsWith(key + ":"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElseThrow(() -> new IOException("process " + pid + " has no " + key + ": it has ended"));
    }
}
