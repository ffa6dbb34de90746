// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store.redis;

import io.faultline.pager.app.config.RedisProperties;
import io.faultline.pager.app.config.SwapStoreChoice;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslOptions;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.metrics.CommandLatencyRecorder;
import io.lettuce.core.resource.ClientResources;
import io.netty.util.Timer;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** Lettuce's clients, set up as the store needs them, and the threads they share. */
final class RedisClients implements AutoCloseable {
    private static final int IO_THREADS = 2;
    private static final int COMPUTATION_THREADS = 2;
    /* Never reached: a node's bytes in flight are bounded before. */
    private static final int REQUESTS_MAX = 1 << 20;
    private static final Duration END_TIMEOUT = Duration.ofSeconds(2);

    private final SwapStoreChoice.Redis choice;
    private final RedisProperties settings;
    private final ClientResources resources;
    private final RedisClient client;
    private final RedisClusterClient topologyClient;

    RedisClients(SwapStoreChoice.Redis choice, RedisProperties settings) {
        this.choice = choice;
        this.settings = settings;
        SslOptions tls = tls(settings.caFile());
        resources = ClientResources.builder()
                .ioThreadPoolSize(IO_THREADS)
                .computationThreadPoolSize(COMPUTATION_THREADS)
                .commandLatencyRecorder(CommandLatencyRecorder.disabled())
                .build();
        SocketOptions socket = SocketOptions.builder()
                .connectTimeout(Duration.ofMillis(settings.connectTimeoutMs()))
                .keepAlive(true)
                .build();
        /* A connection that broke ends its commands with it: what is sent again later could overtake what came since. */
        client = RedisClient.create(resources);
        client.setOptions(ClientOptions.builder()
                .autoReconnect(false)
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .requestQueueSize(REQUESTS_MAX)
                .socketOptions(socket)
                .sslOptions(tls)
                .build());
        topologyClient = RedisClusterClient.create(
                resources,
                choice.nodes().stream()
                        .map(node -> uri(node.host(), node.port()))
                        .toList());
        topologyClient.setOptions(ClusterClientOptions.builder()
                .socketOptions(socket)
                .sslOptions(tls)
                .build());
    }

    private static SslOptions tls(String caFile) {
        if (caFile.isEmpty()) {
            return SslOptions.create();
        }
        File file = Path.of(caFile).toFile();
        if (!Files.isReadable(file.toPath())) {
            throw new IllegalArgumentException(
                    "faultline.pager.redis.ca-file: " + caFile + " (expected: a PEM file that can be read)");
        }
        return SslOptions.builder().jdkSslProvider().trustManager(file).build();
    }

    private RedisURI uri(String host, int port) {
        RedisURI.Builder uri = RedisURI.builder()
                .withHost(host)
                .withPort(port)
                .withSsl(choice.isTls())
                .withDatabase(choice.database())
                .withClientName("faultline-pager")
                .withTimeout(Duration.ofMillis(settings.connectTimeoutMs()));
        if (!settings.username().isEmpty()) {
            uri.withAuthentication(settings.username(), settings.password().toCharArray());
        } else if (!settings.password().isEmpty()) {
            uri.withPassword(settings.password().toCharArray());
        }
        return uri.build();
    }

    /**
     * The servers that were asked for.
     *
     * @param later runs a task in a moment
     */
    RedisNodes nodes(Executor later) {
        if (choice.isCluster()) {
            return new ClusterRedis(topologyClient, this::node, later);
        }
        SwapStoreChoice.Node only = choice.nodes().getFirst();
        return new SingleRedis(node(only.host(), only.port()));
    }

    private RedisNode node(String host, int port) {
        return new RedisNode(client, uri(host, port), settings.timeoutMs(), settings.inFlightMaxBytes());
    }

    /** The clock of timeouts. */
    Timer timer() {
        return resources.timer();
    }

    @Override
    public void close() {
        client.shutdown(Duration.ZERO, END_TIMEOUT);
        topologyClient.shutdown(Duration.ZERO, END_TIMEOUT);
        resources
                .shutdown(0, END_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(END_TIMEOUT.toMillis());
    }
}
