// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak;

import io.faultline.redis.RedisCluster;
import io.faultline.soak.network.Relay;
import io.faultline.soak.strike.ClusterTarget;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A Redis Cluster of three masters and three replicas, with a relay in front of each: pagers and replicas come through it,
 * and the servers' own talk about who lives does not. One thread.
 */
final class RedisShards implements ClusterTarget, AutoCloseable {
    /** After so long without an answer a master is thought dead. */
    private static final int NODE_TIMEOUT_MS = 2_000;

    private static final String MEMORY_MAX = "1gb";

    private final RedisCluster cluster;
    private final Map<Integer, Relay> relayOfPort;
    private final int[] masters = new int[RedisCluster.MASTERS];

    private RedisShards(RedisCluster cluster, Map<Integer, Relay> relayOfPort) {
        this.cluster = cluster;
        this.relayOfPort = relayOfPort;
        for (int shard = 0; shard < masters.length; shard++) {
            masters[shard] = shard;
        }
    }

    /** Starts it in that directory and waits until it serves. */
    static RedisShards start(Path directory) {
        QuietLettuce.quieten();
        Map<Integer, Relay> relays = new LinkedHashMap<>();
        try {
            RedisCluster cluster = RedisCluster.start(
                    directory,
                    port -> relays.computeIfAbsent(port, Relay::start).port(),
                    "--cluster-node-timeout",
                    Integer.toString(NODE_TIMEOUT_MS),
                    "--maxmemory",
                    MEMORY_MAX,
                    "--maxmemory-policy",
                    "noeviction");
            return new RedisShards(cluster, relays);
        } catch (RuntimeException e) {
            relays.values().forEach(Relay::close);
            throw e;
        }
    }

    /** The setting that makes it a pager's swap store. */
    String url() {
        return "redis-cluster://"
                + relayOfPort.values().stream().map(Relay::address).collect(Collectors.joining(","));
    }

    @Override
    public int shards() {
        return masters.length;
    }

    @Override
    public int master(int shard) {
        return masters[shard];
    }

    @Override
    public Relay relay(int server) {
        Relay relay = relayOfPort.get(cluster.servers().get(server).port());
        if (relay == null) {
            throw new IllegalArgumentException(
                    "server: " + server + " (expected: 0 to " + (relayOfPort.size() - 1) + ")");
        }
        return relay;
    }

    @Override
    public void awaitInStep(int shard) {
        cluster.awaitInStep(masters[shard], other(shard));
    }

    @Override
    public void awaitTakeover(int shard) {
        cluster.awaitMaster(other(shard));
        masters[shard] = other(shard);
    }

    @Override
    public void kill(int server) {
        cluster.servers().get(server).kill();
    }

    @Override
    public void restart(int server) {
        cluster.restart(server);
    }

    @Override
    public void freeze(int server) {
        cluster.servers().get(server).freeze();
    }

    @Override
    public void thaw(int server) {
        cluster.servers().get(server).thaw();
    }

    private int other(int shard) {
        return masters[shard] == shard ? shard + RedisCluster.MASTERS : shard;
    }

    @Override
    public void close() {
        try {
            cluster.close();
        } finally {
            relayOfPort.values().forEach(Relay::close);
        }
    }
}
