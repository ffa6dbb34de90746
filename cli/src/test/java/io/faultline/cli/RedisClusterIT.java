// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
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
    private static final int FAULTS = 20_000;
    private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(100);

    @TempDir
    private Path directory;

    @Test
    void theRecordedStreamReplaysWithItsPagesSpreadOverAllMasters() throws Exception {
        Path json = directory.resolve("result.json");
        try (RedisCluster cluster = RedisCluster.start(directory);
                Processes processes = new Processes(directory)) {
            Processes.Deployment deployment =
                    processes.deployment("--faultline.pager.store=redis-cluster://" + cluster.addresses());

            CompletableFuture<Integer> replay =
                    CompletableFuture.supplyAsync(() -> deployment.replay(json, "--faults=" + FAULTS));
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
