// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.redis;

import io.faultline.processes.Ports;
import io.faultline.processes.Signals;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A redis-server process on loopback, which writes nothing to disk but what Redis Cluster must remember. For one thread.
 */
public final class RedisServer implements AutoCloseable {
    private static final String HOST = "127.0.0.1";
    private static final int BUS_PORT_OFFSET = 10_000;
    private static final Duration START_TIMEOUT = Duration.ofSeconds(20);

    private final Path directory;
    private final int port;
    private final List<String> settings;
    private @Nullable Process process;

    private RedisServer(Path directory, int port, List<String> settings) {
        this.directory = directory;
        this.port = port;
        this.settings = settings;
    }

    /**
     * Starts a server and waits until it listens.
     *
     * @param directory where it works; its log is there too
     * @param settings as on redis-server's command line, such as {@code --maxmemory 10mb}
     */
    public static RedisServer start(Path directory, int port, String... settings) {
        RedisServer server = new RedisServer(directory, port, List.of(settings));
        server.start();
        return server;
    }

    /** Starts a server on a free port. */
    public static RedisServer start(Path directory, String... settings) {
        return start(directory, freePort(), settings);
    }

    /**
     * A port that is free at this moment, and whose number leaves room for the cluster bus, which listens on the port
     * 10,000 above.
     */
    public static int freePort() {
        int port = Ports.free();
        while (!Ports.isFree(port + BUS_PORT_OFFSET)) {
            port = Ports.free();
        }
        return port;
    }

    /** Starts the server, again if it was killed, with the settings it had. */
    public void start() {
        List<String> command = new ArrayList<>(List.of(
                RedisExecutable.find().toString(),
                "--bind",
                HOST,
                "--port",
                Integer.toString(port),
                "--dir",
                directory.toString(),
                "--logfile",
                "redis-" + port + ".log",
                "--save",
                "",
                "--appendonly",
                "no"));
        command.addAll(settings);
        try {
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Conditions.await("redis-server on port " + port, START_TIMEOUT, this::isListening);
    }

    private boolean isListening() {
        if (!running().isAlive()) {
            throw new IllegalStateException("redis-server on port " + port + " ended with "
                    + running().exitValue() + ", its log is in " + directory);
        }
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private Process running() {
        if (process == null) {
            throw new IllegalStateException("redis-server on port " + port + " was not started");
        }
        return process;
    }

    /** Where it listens. */
    public int port() {
        return port;
    }

    /** Where it listens, {@code host:port}. */
    public String address() {
        return HOST + ":" + port;
    }

    /** The server's process, while it runs. */
    public ProcessHandle process() {
        return running().toHandle();
    }

    /** The server's version, as it says it. */
    public String version() {
        RedisClient client = RedisClient.create();
        try (StatefulRedisConnection<String, String> connection = connect(client)) {
            return connection
                    .sync()
                    .info("server")
                    .lines()
                    .filter(line -> line.startsWith("redis_version:"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("unknown");
        } finally {
            client.shutdown();
        }
    }

    /** Ends the process as a crash would. */
    public void kill() {
        Signals.kill(running());
    }

    /** Stops the process without ending it: its connections stand, and nothing answers. */
    public void freeze() {
        Signals.freeze(running());
    }

    /** Lets a frozen process go on. */
    public void thaw() {
        Signals.thaw(running());
    }

    /** A connection for a test's own questions. */
    public StatefulRedisConnection<String, String> connect(RedisClient client) {
        return client.connect(RedisURI.create(HOST, port));
    }

    /** Ends the process. */
    @Override
    public void close() {
        if (process != null) {
            kill();
        }
    }
}
