// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.broker;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.utils.Time;
import org.jspecify.annotations.Nullable;

/**
 * A real Kafka broker and controller (KRaft) in this JVM, on 127.0.0.1: one node, every replication factor 1, topics
 * only by request. Started and closed by one thread; Kafka's own threads do the rest.
 */
public final class EmbeddedBroker implements AutoCloseable {
    private static final int NODE_ID = 1;
    private static final int PORT_MAX = 65_535;
    private static final String HOST = "127.0.0.1";
    private static final String BROKER = "CLIENTS";
    private static final String CONTROLLER = "CONTROLLER";
    /** The cleaner's default of 128 MiB would be the largest thing on the heap, for one compacted topic. */
    private static final int CLEANER_BUFFER_BYTES = 2 << 20;

    private final BrokerDirectory directory;
    private final KafkaRaftServer server;
    private final int port;
    private boolean closed;

    private EmbeddedBroker(BrokerDirectory directory, KafkaRaftServer server, int port) {
        this.directory = directory;
        this.server = server;
        this.port = port;
    }

    /**
     * Starts a broker and waits until it serves.
     *
     * @param directory where it keeps its data, created if need be; null for a temporary directory
     * @param port where it listens, 1 to 65,535; 0 for any free port
     * @throws BrokerException if the port is taken, the directory is in use or cannot be written, or Kafka fails
     */
    public static EmbeddedBroker start(@Nullable Path directory, int port) {
        return start(directory, port, "PLAINTEXT", Map.of());
    }

    /**
     * As {@link #start(Path, int)}, with a listener that is secured.
     *
     * @param protocol how clients speak to it, such as {@code SSL}
     * @param security Kafka's settings for that
     */
    public static EmbeddedBroker start(
            @Nullable Path directory, int port, String protocol, Map<String, String> security) {
        if (port < 0 || port > PORT_MAX) {
            throw new IllegalArgumentException("port: " + port + " (expected: 0 to " + PORT_MAX + ")");
        }
        QuietKafka.quieten();
        int brokerPort = reserve(port);
        BrokerDirectory held = BrokerDirectory.open(directory);
        try {
            held.format(NODE_ID, CONTROLLER);
            Map<String, Object> settings = new HashMap<>(settings(held.logs(), brokerPort, reserve(0)));
            settings.put("listener.security.protocol.map", BROKER + ":" + protocol + "," + CONTROLLER + ":PLAINTEXT");
            settings.putAll(security);
            KafkaRaftServer server = new KafkaRaftServer(new KafkaConfig(settings), Time.SYSTEM);
            server.startup();
            return new EmbeddedBroker(held, server, brokerPort);
        } catch (RuntimeException e) {
            held.close();
            throw e instanceof BrokerException
                    ? e
                    : new BrokerException("the Kafka broker on port " + brokerPort + " did not start: " + e, e);
        }
    }

    /** The port, which nobody else listens on at this moment; a free one for 0. */
    private static int reserve(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.ofLiteral(HOST), port));
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new BrokerException(
                    "port: " + port + " on " + HOST + " cannot be used by the broker: " + e.getMessage(), e);
        }
    }

    private static Map<String, Object> settings(Path logs, int brokerPort, int controllerPort) {
        return Map.ofEntries(
                Map.entry("process.roles", "broker,controller"),
                Map.entry("node.id", NODE_ID),
                Map.entry("controller.quorum.voters", NODE_ID + "@" + HOST + ":" + controllerPort),
                Map.entry("controller.listener.names", CONTROLLER),
                Map.entry("inter.broker.listener.name", BROKER),
                Map.entry(
                        "listeners",
                        BROKER + "://" + HOST + ":" + brokerPort + "," + CONTROLLER + "://" + HOST + ":"
                                + controllerPort),
                Map.entry("log.dirs", logs.toString()),
                Map.entry("auto.create.topics.enable", false),
                Map.entry("offsets.topic.replication.factor", (short) 1),
                Map.entry("offsets.topic.num.partitions", 1),
                Map.entry("transaction.state.log.replication.factor", (short) 1),
                Map.entry("transaction.state.log.min.isr", 1),
                Map.entry("transaction.state.log.num.partitions", 1),
                Map.entry("share.coordinator.state.topic.replication.factor", (short) 1),
                Map.entry("share.coordinator.state.topic.min.isr", (short) 1),
                Map.entry("share.coordinator.state.topic.num.partitions", 1),
                Map.entry("group.initial.rebalance.delay.ms", 0),
                // Few threads: the broker shares the machine with what it is there for.
                Map.entry("num.network.threads", 1),
                Map.entry("background.threads", 2),
                Map.entry("group.coordinator.threads", 1),
                Map.entry("num.io.threads", 2),
                Map.entry("log.cleaner.dedupe.buffer.size", (long) CLEANER_BUFFER_BYTES));
    }

    /** Where clients find the broker, {@code host:port}. */
    public String bootstrapServers() {
        return HOST + ":" + port;
    }

    /** Waits until the broker has ended, by {@link #close} or by itself. */
    public void awaitEnd() {
        server.awaitShutdown();
    }

    /** Ends the broker in order, with its data on disk; a temporary directory is deleted. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            try {
                server.shutdown();
                server.awaitShutdown();
            } finally {
                directory.close();
            }
        }
    }
}
