// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store.redis;

import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * About how many pages there are: each server's number of keys, times how many pages a few of its keys hold on average,
 * over time. A key that is none of ours counts as no page. Any thread; never blocks.
 */
final class RedisCensus {
    private static final int SAMPLES = 4;
    private static final double NEWEST_WEIGHT = 0.1;

    private final long timeoutNs;
    private double pagesAKey = -1;
    private volatile long pages;

    RedisCensus(long timeoutNs) {
        this.timeoutNs = timeoutNs;
    }

    /** The last count. */
    long pages() {
        return pages;
    }

    /** Counts again; keeps the last count if one of the servers cannot be asked. */
    void take(List<RedisNode> masters) {
        List<CompletableFuture<Long>> keys = new ArrayList<>();
        for (RedisNode master : masters) {
            StatefulRedisConnection<byte[], byte[]> connection = master.openConnection();
            if (connection == null) {
                return;
            }
            keys.add(count(connection.async()));
        }
        CompletableFuture<Void> _ = CompletableFuture.allOf(keys.toArray(CompletableFuture[]::new))
                .orTimeout(timeoutNs, TimeUnit.NANOSECONDS)
                .thenRun(() -> pages = Math.round(
                        keys.stream().mapToLong(CompletableFuture::join).sum() * pagesAKey()));
    }

    private CompletableFuture<Long> count(RedisAsyncCommands<byte[], byte[]> server) {
        CompletableFuture<?>[] samples = new CompletableFuture<?>[SAMPLES];
        for (int i = 0; i < SAMPLES; i++) {
            samples[i] = server.randomkey()
                    .thenCompose(key -> sample(server, key))
                    .thenAccept(this::learn)
                    .toCompletableFuture();
        }
        CompletableFuture<Long> keys = server.dbsize().toCompletableFuture();
        return CompletableFuture.allOf(samples).thenCombine(keys, (_, size) -> size);
    }

    private static CompletionStage<Long> sample(RedisAsyncCommands<byte[], byte[]> server, byte @Nullable [] key) {
        return key == null || !RedisExtent.isKey(key) ? CompletableFuture.completedFuture(0L) : server.hlen(key);
    }

    private synchronized void learn(long pagesOfOneKey) {
        pagesAKey = pagesAKey < 0 ? pagesOfOneKey : (1 - NEWEST_WEIGHT) * pagesAKey + NEWEST_WEIGHT * pagesOfOneKey;
    }

    private synchronized double pagesAKey() {
        return Math.max(0, pagesAKey);
    }
}
