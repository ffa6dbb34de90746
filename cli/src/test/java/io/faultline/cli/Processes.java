// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import io.faultline.broker.BrokerMain;
import io.faultline.rpc.Channels;
import io.faultline.rpc.ServiceLoop;
import io.grpc.ManagedChannel;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Services as processes of their own, ended in the reverse order of their start. For one thread. */
final class Processes implements AutoCloseable {
    private static final long START_TIMEOUT_S = 60;
    private static final long END_TIMEOUT_S = 20;

    private final Path logs;
    private final ServiceLoop loop = ServiceLoop.start("processes");
    private final Deque<Process> running = new ArrayDeque<>();

    Processes(Path logs) {
        this.logs = logs;
    }

    /** A port that is free at this moment. */
    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Starts a service from its executable jar and waits until its health is SERVING. */
    Process service(String name, int port, String... settings) {
        List<String> command = java("-jar", executableJar(name).toString());
        command.add("--spring.grpc.server.address=127.0.0.1");
        command.add("--spring.grpc.server.port=" + port);
        command.add("--faultline.management.port=0");
        command.addAll(List.of(settings));
        Process process = start(name, command);
        awaitServing(name, process, port);
        return process;
    }

    /**
     * Starts a broker and the three services, those first that others depend on, and waits until all serve.
     *
     * @param store the setting that says where the pager's pages go
     */
    Deployment deployment(String store) {
        Deployment ports = new Deployment(freePort(), freePort(), freePort(), freePort());
        main(
                "broker",
                BrokerMain.class,
                "--port",
                Integer.toString(ports.broker()),
                "--directory",
                logs.resolve("kafka").toString());
        String audit = "--faultline.audit.bootstrap-servers=127.0.0.1:" + ports.broker();
        String patience = "--faultline.audit.connect-timeout-ms=60000";
        service(
                "pager-service",
                ports.pager(),
                "--faultline.pager.dram-max-bytes=8388608",
                "--faultline.pager.compressed-max-bytes=1048576",
                store);
        service("notifier-service", ports.notifier(), audit, patience);
        service(
                "vcpu-service",
                ports.vcpu(),
                audit,
                patience,
                "--faultline.vcpu.pager-target=127.0.0.1:" + ports.pager(),
                "--faultline.vcpu.notifier-target=127.0.0.1:" + ports.notifier());
        return ports;
    }

    /** The ports of the three services and of their broker. */
    record Deployment(int vcpu, int pager, int notifier, int broker) {
        /** Replays the Redis recording against it, with an audit at the end; the command's exit code. */
        int replay(Path json, String... more) {
            List<String> arguments = new ArrayList<>(List.of(
                    "replay",
                    "--trace=../loadtest/traces/redis-swap.trace.gz",
                    "--vcpu=127.0.0.1:" + vcpu,
                    "--notifier=127.0.0.1:" + notifier,
                    "--bootstrap=127.0.0.1:" + broker,
                    "--json=" + json));
            arguments.addAll(List.of(more));
            return Faultline.commandLine().execute(arguments.toArray(String[]::new));
        }
    }

    /** Starts a class of the test's own class path. */
    Process main(String name, Class<?> main, String... arguments) {
        List<String> command = java("-cp", System.getProperty("java.class.path"), main.getName());
        command.addAll(List.of(arguments));
        return start(name, command);
    }

    private static List<String> java(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx512m",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow"));
        command.addAll(List.of(arguments));
        return command;
    }

    private Process start(String name, List<String> command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(logs.resolve(name + ".log").toFile())
                    .start();
            running.push(process);
            return process;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static Path executableJar(String name) {
        Path target = Path.of("..", "services", name, "app", "target");
        try (Stream<Path> files = Files.list(target)) {
            return files.filter(file -> file.getFileName().toString().endsWith("-exec.jar"))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("no *-exec.jar in " + target + ": build it first"));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private void awaitServing(String name, Process process, int port) {
        ManagedChannel channel = Channels.connect(loop, "127.0.0.1:" + port);
        try {
            ServingStatus status = HealthGrpc.newBlockingStub(channel)
                    .withWaitForReady()
                    .withDeadlineAfter(START_TIMEOUT_S, TimeUnit.SECONDS)
                    .check(HealthCheckRequest.getDefaultInstance())
                    .getStatus();
            if (status != ServingStatus.SERVING || !process.isAlive()) {
                throw new IllegalStateException(name + ": " + status + ", its log is in " + logs);
            }
        } finally {
            channel.shutdownNow();
        }
    }

    @Override
    public void close() {
        try {
            while (!running.isEmpty()) {
                end(running.pop());
            }
        } finally {
            loop.close();
        }
    }

    private static void end(Process process) {
        process.destroy();
        try {
            if (!process.waitFor(END_TIMEOUT_S, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException(
                        "process " + process.pid() + " had not ended " + END_TIMEOUT_S + " s after SIGTERM");
            }
        } catch (InterruptedException interrupted) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
