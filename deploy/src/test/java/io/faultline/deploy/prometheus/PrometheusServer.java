// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.prometheus;

import io.faultline.deploy.OutsideTool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A Prometheus of its own process, on loopback. Started and closed by one thread. */
public final class PrometheusServer implements AutoCloseable {
    private static final long END_TIMEOUT_S = 20;

    private final Process process;
    private final URI address;
    private final Path log;

    private PrometheusServer(Process process, URI address, Path log) {
        this.process = process;
        this.address = address;
        this.log = log;
    }

    /** A port that is free at this moment. */
    public static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /**
     * Starts one; it may not answer yet.
     *
     * @param config its configuration
     * @param folder where its samples and its log go
     * @param port where it listens
     */
    public static PrometheusServer start(Path config, Path folder, int port) {
        Path program = new OutsideTool("prometheus", "prometheus").require();
        String address = "127.0.0.1:" + port;
        Path log = folder.resolve("prometheus.log");
        try {
            Process process = new ProcessBuilder(
                            program.toString(),
                            "--config.file=" + config,
                            "--storage.tsdb.path=" + folder.resolve("samples"),
                            "--web.listen-address=" + address)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            return new PrometheusServer(process, URI.create("http://" + address), log);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Its API. */
    public PrometheusApi api() {
        return new PrometheusApi(address);
    }

    /** The warnings and errors that it has logged. */
    public String complaints() {
        try (Stream<String> lines = Files.lines(log)) {
            return lines.filter(line -> line.contains("level=warn") || line.contains("level=error"))
                    .collect(Collectors.joining("\n"));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(END_TIMEOUT_S, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException("Prometheus had not ended " + END_TIMEOUT_S + " s after SIGTERM");
            }
        } catch (InterruptedException interrupted) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
