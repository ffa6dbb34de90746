// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.processes;

import io.faultline.rpc.Channels;
import io.faultline.rpc.ServiceLoop;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Services as processes of their own on loopback, ended in the reverse order of their start. Each writes its log to a file
 * of its name. For one thread.
 */
public final class ServiceProcesses implements AutoCloseable {
    private static final long START_TIMEOUT_S = 120;
    private static final long LOOK_MS = 1_000;
    private static final long PAUSE_NS = 20_000_000;
    private static final long END_TIMEOUT_S = 20;

    private final Path home;
    private final Path logs;
    private final List<String> jvmOptions;
    private final ServiceLoop loop = ServiceLoop.start("processes");
    private final Deque<Process> running = new ArrayDeque<>();

    /**
     * Starts nothing yet.
     *
     * @param home the repository's root, where the services' executable jars were built
     * @param logs where each process's log goes
     * @param jvmOptions what every process gets beside what the services need, such as {@code -Xmx512m}
     */
    public ServiceProcesses(Path home, Path logs, List<String> jvmOptions) {
        this.home = home;
        this.logs = logs;
        this.jvmOptions = List.copyOf(jvmOptions);
    }

    /** A port that is free at this moment. */
    public static int freePort() {
        return Ports.free();
    }

    /**
     * Starts a service from its executable jar and waits until its health is SERVING. Without a setting of its own its
     * management port is any.
     *
     * @param name the service, such as {@code pager-service}
     * @param settings as on its command line
     * @throws IllegalStateException if there is no such jar, or the service does not come up
     */
    public Process service(String name, int port, String... settings) {
        Process process = launch(name, name, port, settings);
        awaitServing(name, process, port);
        return process;
    }

    /**
     * Starts a service from its executable jar, and does not wait. As {@link #service}, but that several of one service may
     * run, each under a label of its own.
     *
     * @param label names it in its log file's name; a process of the same label that came before has its log go on
     */
    public Process launch(String label, String name, int port, String... settings) {
        List<String> command = java("-jar", executableJar(name).toString());
        command.add("--spring.grpc.server.address=127.0.0.1");
        command.add("--spring.grpc.server.port=" + port);
        if (Stream.of(settings).noneMatch(setting -> setting.startsWith("--faultline.management.port="))) {
            command.add("--faultline.management.port=0");
        }
        command.addAll(List.of(settings));
        return start(label, command);
    }

    /** Starts a class of this process's own class path. */
    public Process main(String name, Class<?> main, String... arguments) {
        List<String> command = java("-cp", System.getProperty("java.class.path"), main.getName());
        command.addAll(List.of(arguments));
        return start(name, command);
    }

    /**
     * Waits until the gRPC server of a process says that it serves.
     *
     * @throws IllegalStateException if it does not in time, or the process ends
     */
    public void awaitServing(String name, Process process, int port) {
        ManagedChannel channel = Channels.connect(loop, "127.0.0.1:" + port);
        try {
            long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_TIMEOUT_S);
            while (health(channel) != ServingStatus.SERVING) {
                if (!process.isAlive()) {
                    throw new IllegalStateException(
                            name + " ended with " + process.exitValue() + ", its log is in " + logs);
                }
                if (System.nanoTime() - deadlineNs > 0) {
                    throw new IllegalStateException(
                            name + " does not serve after " + START_TIMEOUT_S + " s, its log is in " + logs);
                }
                LockSupport.parkNanos(PAUSE_NS);
            }
        } finally {
            channel.shutdownNow();
        }
    }

    /** What a server says of itself; UNKNOWN when it has said nothing for the time of a look. */
    private static ServingStatus health(ManagedChannel channel) {
        try {
            return HealthGrpc.newBlockingStub(channel)
                    .withWaitForReady()
                    .withDeadlineAfter(LOOK_MS, TimeUnit.MILLISECONDS)
                    .check(HealthCheckRequest.getDefaultInstance())
                    .getStatus();
        } catch (StatusRuntimeException notYet) {
            return ServingStatus.UNKNOWN;
        }
    }

    private List<String> java(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow"));
        command.addAll(jvmOptions);
        command.addAll(List.of(arguments));
        return command;
    }

    private Process start(String name, List<String> command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            logs.resolve(name + ".log").toFile()))
                    .start();
            running.push(process);
            return process;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private Path executableJar(String name) {
        Path target = home.resolve("services").resolve(name).resolve("app").resolve("target");
        IllegalStateException missing = new IllegalStateException("no *-exec.jar in " + target + ": build it first");
        if (!Files.isDirectory(target)) {
            throw missing;
        }
        try (Stream<Path> files = Files.list(target)) {
            return files.filter(file -> file.getFileName().toString().endsWith("-exec.jar"))
                    .findFirst()
                    .orElseThrow(() -> missing);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /**
     * Ends every process.
     *
     * @throws IllegalStateException if one of them did not end in good order; all have ended all the same
     */
    @Override
    public void close() {
        IllegalStateException failure = null;
        while (!running.isEmpty()) {
            try {
                end(running.pop());
            } catch (IllegalStateException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        loop.close();
        if (failure != null) {
            throw failure;
        }
    }

    /**
     * Ends a process in good order.
     *
     * @throws IllegalStateException if it does not end in time; it is killed then
     */
    public static void end(Process process) {
        process.destroy();
        try {
            if (!process.waitFor(END_TIMEOUT_S, TimeUnit.SECONDS)) {
                Signals.kill(process);
                throw new IllegalStateException(
                        "process " + process.pid() + " had not ended " + END_TIMEOUT_S + " s after SIGTERM");
            }
        } catch (InterruptedException interrupted) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
