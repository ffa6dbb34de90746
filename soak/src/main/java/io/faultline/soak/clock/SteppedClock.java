// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.clock;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;

/** The wall clock of the JVMs that are started with its {@link #jvmOption}. One thread. */
public final class SteppedClock {
    private static final String AGENT_JAR = "clock-agent.jar";
    private static final String BOOT_JAR = "clock-boot.jar";
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final long LOOK_NS = 5_000_000;
    private static final String STEP = "step-ms";

    private final Path jar;
    private final Path step;

    private SteppedClock(Path jar, Path step) {
        this.jar = jar;
        this.step = step;
    }

    /** One that goes as the machine's, with its files in that directory, which it makes. */
    public static SteppedClock in(Path directory) {
        try {
            Path own = Files.createDirectories(directory).toAbsolutePath();
            Manifest boot = new Manifest();
            boot.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
            writeJar(own.resolve(BOOT_JAR), boot, SteppedTime.class);
            Manifest agent = new Manifest(boot);
            agent.getMainAttributes().putValue("Premain-Class", ClockAgent.class.getName());
            agent.getMainAttributes().putValue("Can-Retransform-Classes", "true");
            agent.getMainAttributes().putValue("Boot-Class-Path", BOOT_JAR);
            writeJar(own.resolve(AGENT_JAR), agent, ClockAgent.class, ClockAgent.class.getDeclaredClasses());
            Path step = Files.createDirectories(own.resolve("clock")).resolve(STEP);
            Files.writeString(step, "0");
            return new SteppedClock(own.resolve(AGENT_JAR), step);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a JVM is started with that is to have this clock. */
    public String jvmOption() {
        return "-javaagent:" + jar + "=" + step;
    }

    /**
     * Puts it so far ahead of the machine's clock, behind where negative, and returns when every JVM that has it, and lives, has
     * taken that.
     *
     * @throws IllegalStateException if there is no such JVM, or one does not take it
     */
    public void step(Duration ahead) {
        String ms = Long.toString(ahead.toMillis());
        try {
            ClockAgent.writeWhole(step, ms);
            List<Path> processes = processes();
            if (processes.isEmpty()) {
                throw new IllegalStateException("clock: no process has it (expected: one or more)");
            }
            long deadlineNs = System.nanoTime() + TIMEOUT.toNanos();
            for (Path process : processes) {
                while (!Files.readString(process).equals(ms)) {
                    if (System.nanoTime() - deadlineNs > 0) {
                        throw new IllegalStateException(
                                "clock: process " + process.getFileName() + " does not take a step of " + ms + " ms");
                    }
                    LockSupport.parkNanos(LOOK_NS);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<Path> processes() throws IOException {
        try (Stream<Path> files = Files.list(step.getParent())) {
            return files.filter(file -> file.getFileName().toString().matches("[0-9]+"))
                    .filter(file -> ProcessHandle.of(
                                    Long.parseLong(file.getFileName().toString()))
                            .isPresent())
                    .toList();
        }
    }

    private static void writeJar(Path jar, Manifest manifest, Class<?> outer, Class<?>... inner) throws IOException {
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(out, manifest)) {
            add(entries, outer);
            for (Class<?> each : inner) {
                add(entries, each);
            }
        }
    }

    private static void add(JarOutputStream jar, Class<?> one) throws IOException {
        String name = one.getName().replace('.', '/') + ".class";
        try (InputStream bytes = one.getResourceAsStream("/" + name)) {
            if (bytes == null) {
                throw new IOException("no " + name + " on the class path");
            }
            jar.putNextEntry(new JarEntry(name));
            bytes.transferTo(jar);
        }
    }
}
