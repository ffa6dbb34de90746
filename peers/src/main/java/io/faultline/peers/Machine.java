// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.peers;

import com.sun.management.OperatingSystemMXBean;
import io.grpc.ManagedChannel;
import io.netty.util.Version;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;

/** What the figures of a run depend on besides the code. Stateless. */
public final class Machine {
    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
    private static final double GIB = 1 << 30;

    private Machine() {}

    /** The machine in a line. */
    public static String describe() {
        OperatingSystemMXBean system = system();
        return "%s, %d CPUs, %.1f GiB, %s %s"
                .formatted(
                        cpu(),
                        system.getAvailableProcessors(),
                        system.getTotalMemorySize() / GIB,
                        System.getProperty("os.name"),
                        System.getProperty("os.version"));
    }

    /** How many threads wanted to run during the last minute, on the average: little on a quiet machine. */
    public static String load() {
        return "%.1f".formatted(system().getSystemLoadAverage());
    }

    /** The versions of what carries the load. */
    public static String versions() {
        return "JDK " + Runtime.version() + ", gRPC " + packageVersion(ManagedChannel.class) + ", Netty "
                + Version.identify().values().stream()
                        .map(Version::artifactVersion)
                        .findFirst()
                        .orElse("?");
    }

    /** The CPU time that this process has used, in nanoseconds. */
    public static long ownCpuNs() {
        return system().getProcessCpuTime();
    }

    private static String packageVersion(Class<?> type) {
        return Objects.requireNonNullElse(type.getPackage().getImplementationVersion(), "?");
    }

    private static String cpu() {
        if (!Files.isReadable(CPU_INFO)) {
            return System.getProperty("os.arch");
        }
        try (Stream<String> lines = Files.lines(CPU_INFO)) {
            return lines.filter(line -> line.toLowerCase(Locale.ROOT).startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static OperatingSystemMXBean system() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    }
}
