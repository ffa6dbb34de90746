// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.loss;

import io.faultline.redis.RedisCluster;
import io.faultline.redis.RedisServer;
import io.faultline.soak.QuietLettuce;
import java.nio.file.Path;

/**
 * A Redis Cluster of three masters and three replicas, each with an append-only file that is forced to disk every second: what
 * it acknowledged survives the end of the process, not that of the machine. One thread.
 */
final class LossRedis implements AutoCloseable {
    private static final int NODE_TIMEOUT_MS = 2_000;

    private final RedisCluster cluster;

    private LossRedis(RedisCluster cluster) {
        this.cluster = cluster;
    }

    /** Starts it in that directory and waits until it serves. */
    static LossRedis start(Path directory) {
        QuietLettuce.quieten();
        return new LossRedis(RedisCluster.start(
                directory,
                port -> port,
                "--cluster-node-timeout",
                Integer.toString(NODE_TIMEOUT_MS),
                "--maxmemory",
                "1gb",
                "--maxmemory-policy",
                "noeviction",
                "--appendonly",
                "yes",
                "--appendfsync",
                "everysec"));
    }

    /** The setting that makes it a pager's swap store. */
    String url() {
        return "redis-cluster://" + cluster.addresses();
    }

    /** Ends the first master, once its replica has all that it has written so far. */
    void killMaster() {
        cluster.awaitInStep(0, RedisCluster.MASTERS);
        cluster.servers().getFirst().kill();
    }

    /** Waits until its replica has its place. */
    void awaitTakeover() {
        cluster.awaitMaster(RedisCluster.MASTERS);
    }

    /** Ends every server. */
    void killAll() {
        cluster.servers().forEach(RedisServer::kill);
    }

    /** Starts every server again and waits until the cluster serves. */
    void restartAll() {
        for (int i = 0; i < cluster.servers().size(); i++) {
            cluster.restart(i);
        }
        for (int i = 0; i < RedisCluster.MASTERS; i++) {
            cluster.awaitMaster(i);
        }
    }

    @Override
    public void close() {
        cluster.close();
    }
}
