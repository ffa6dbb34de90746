// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.processes.ServiceProcesses;
import io.faultline.rpc.Channels;
import io.faultline.rpc.ServiceLoop;
import io.grpc.Attributes;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A service in a process of its own whose heap and direct memory are small, and that ends at the first
 * OutOfMemoryError. For one thread.
 */
final class CappedService implements AutoCloseable {
    private static final long HEAP_BYTES = 64 << 20;
    private static final long DIRECT_BYTES = 64 << 20;

    /** What a JVM needs beside: classes, code, stacks, its own structures, native libraries. */
    private static final long JVM_BYTES = 224 << 20;

    private static final List<String> OPTIONS = List.of(
            "-Xmx" + HEAP_BYTES,
            "-XX:MaxDirectMemorySize=" + DIRECT_BYTES,
            "-XX:MaxMetaspaceSize=96m",
            "-XX:ReservedCodeCacheSize=48m",
            "-XX:+ExitOnOutOfMemoryError");
    private static final Pattern PEAK = Pattern.compile("VmHWM:\\s+(\\d+) kB");

    private final ServiceProcesses processes;
    private final ServiceLoop loop = ServiceLoop.start("clients");
    private final List<ManagedChannel> channels = new ArrayList<>();
    private final Process process;
    private final Path log;
    private final int port;
    private final int managementPort;

    /** Starts it and waits until it serves. */
    CappedService(Path directory, String name, String... settings) {
        processes = new ServiceProcesses(Path.of(".."), directory, OPTIONS);
        port = ServiceProcesses.freePort();
        managementPort = ServiceProcesses.freePort();
        List<String> all = new ArrayList<>(List.of("--faultline.management.port=" + managementPort));
        all.addAll(List.of(settings));
        log = directory.resolve(name + ".log");
        process = processes.service(name, port, all.toArray(String[]::new));
    }

    String address() {
        return "127.0.0.1:" + port;
    }

    int port() {
        return port;
    }

    int managementPort() {
        return managementPort;
    }

    /** A new connection, closed with this. */
    ManagedChannel connect() {
        ManagedChannel channel = Channels.connect(loop, address());
        channels.add(channel);
        return channel;
    }

    /** A new connection from another address of loopback: to the service, another client. */
    ManagedChannel connectFrom(String host) {
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", port)
                .localSocketPicker(new NettyChannelBuilder.LocalSocketPicker() {
                    @Override
                    public SocketAddress createSocketAddress(SocketAddress remote, Attributes attributes) {
                        return new InetSocketAddress(host, 0);
                    }
                })
                .usePlaintext()
                .build();
        channels.add(channel);
        return channel;
    }

    /** How many descriptors its process has open. */
    int descriptors() {
        return entries("fd");
    }

    /** How many threads its process has. */
    int threads() {
        return entries("task");
    }

    private int entries(String directory) {
        try (Stream<Path> entries = Files.list(Path.of("/proc", Long.toString(process.pid()), directory))) {
            return (int) entries.count();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** What it has written to its log. */
    String log() {
        try {
            return Files.readString(log);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** How much it has logged so far. */
    long logBytes() {
        try {
            return Files.size(log);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** A new connection that takes no more than this many bytes ahead of what its calls read. */
    ManagedChannel connectWithWindow(int bytes) {
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", port)
                .usePlaintext()
                .flowControlWindow(bytes)
                .build();
        channels.add(channel);
        return channel;
    }

    /** Closes all connections but the first, with whatever is under way on them. */
    void disconnectAllButTheFirst() {
        while (channels.size() > 1) {
            channels.removeLast().shutdownNow();
        }
    }

    /** The value of a sample now. */
    double value(String sample) {
        return scrape().value(sample);
    }

    Scrape scrape() {
        return Scrape.of("127.0.0.1:" + managementPort);
    }

    /** Waits until a sample has a value. */
    void awaitValue(String sample, double value) {
        WireHost.await(() -> value(sample) == value);
    }

    /** It lives, never had an OutOfMemoryError, and never took more memory than its JVM was given and {@link #JVM_BYTES}. */
    void requireUnharmed() {
        assertThat(process.isAlive()).as("%s lives", log).isTrue();
        assertThat(log).content().doesNotContain("OutOfMemory");
        assertThat(peakBytes()).as("peak resident size").isLessThan(HEAP_BYTES + DIRECT_BYTES + JVM_BYTES);
    }

    /** The most memory that was ever resident, in bytes. */
    long peakBytes() {
        try {
            Matcher peak = PEAK.matcher(Files.readString(Path.of("/proc", Long.toString(process.pid()), "status")));
            if (!peak.find()) {
                throw new IllegalStateException("process " + process.pid() + ": no VmHWM in its status");
            }
            return Long.parseLong(peak.group(1)) << 10;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Ends the connections, then the process. */
    @Override
    public void close() {
        channels.forEach(ManagedChannel::shutdownNow);
        loop.close();
        processes.close();
    }
}
