// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.faultline.broker.BrokerMain;
import io.faultline.redis.RedisCluster;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The main job over three processes, with the pages in a Redis Cluster of three masters and three replicas. */
class RedisClusterIT {
    private static final int FAULTS = 40_000;
    private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(100);

    @TempDir
    private Path directory;

    @Test
    void theRecordedStreamReplaysWithItsPagesSpreadOverAllMasters() throws Exception {
        int pager = Processes.freePort();
        int notifier = Processes.freePort();
        int vcpu = Processes.freePort();
        int broker = Processes.freePort();
        Path json = directory.resolve("result.json");
        try (RedisCluster cluster = RedisCluster.start(directory);
                Processes processes = new Processes(directory)) {
            processes.main(
                    "broker",
                    BrokerMain.class,
                    "--port",
                    Integer.toString(broker),
                    "--directory",
                    directory.resolve("kafka").toString());
            String audit = "--faultline.audit.bootstrap-servers=127.0.0.1:" + broker;
            String patience = "--faultline.audit.connect-timeout-ms=60000";
            processes.service(
                    "pager-service",
                    pager,
                    "--faultline.pager.dram-max-bytes=8388608",
                    "--faultline.pager.store=redis-cluster://" + cluster.addresses());
            processes.service("notifier-service", notifier, audit, patience);
            processes.service(
                    "vcpu-service",
                    vcpu,
                    audit,
                    patience,
                    "--faultline.vcpu.pager-target=127.0.0.1:" + pager,
                    "--faultline.vcpu.notifier-target=127.0.0.1:" + notifier);

            CompletableFuture<Integer> replay = CompletableFuture.supplyAsync(() -> Faultline.commandLine()
                    .execute(
                            "replay",
                            "--trace=../loadtest/traces/redis-swap.trace.gz",
                            "--faults=" + FAULTS,
                            "--vcpu=127.0.0.1:" + vcpu,
                            "--notifier=127.0.0.1:" + notifier,
                            "--bootstrap=127.0.0.1:" + broker,
                            "--json=" + json));
            List<Long> most = mostKeysOfMasters(cluster, replay);

            assertThat(replay.join()).isZero();
            assertThat(most).allSatisfy(keys -> assertThat(keys).isGreaterThan(Collections.max(most) / 2));
            // The replay ends its VM, which leaves nothing behind.
            assertThat(cluster.keysOfMasters()).containsOnly(0L);
        }
        JsonObject result = ReplayJson.read(json);
        ReplayJson.requireSound(result, FAULTS);
        assertThat(ReplayJson.resolvedReady(result)).isPositive();
    }

    private static List<Long> mostKeysOfMasters(RedisCluster cluster, CompletableFuture<Integer> until) {
        List<Long> most = new ArrayList<>(cluster.keysOfMasters());
        while (!until.isDone()) {
            List<Long> now = cluster.keysOfMasters();
            for (int i = 0; i < now.size(); i++) {
                most.set(i, Math.max(most.get(i), now.get(i)));
            }
            LockSupport.parkNanos(LOOK_NS);
        }
        return most;
    }
}
