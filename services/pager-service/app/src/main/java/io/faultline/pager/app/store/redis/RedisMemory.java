// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store.redis;

import io.lettuce.core.api.StatefulRedisConnection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether a server keeps what it is given: one that evicts pages when its memory is full loses guests' memory. */
final class RedisMemory {
    private static final Logger LOG = LoggerFactory.getLogger(RedisMemory.class);
    private static final Pattern MAXMEMORY = Pattern.compile("^maxmemory:(\\d+)\r?$", Pattern.MULTILINE);
    private static final Pattern POLICY = Pattern.compile("^maxmemory_policy:(\\S+)\r?$", Pattern.MULTILINE);

    private RedisMemory() {}

    /** Hands a new connection on if its server keeps what it is given; else closes it and fails with the reason. */
    static CompletionStage<StatefulRedisConnection<byte[], byte[]>> require(
            StatefulRedisConnection<byte[], byte[]> connection, long timeoutNs) {
        return connection
                .async()
                .info("memory")
                .toCompletableFuture()
                .orTimeout(timeoutNs, TimeUnit.NANOSECONDS)
                .handle((info, failure) -> {
                    if (failure == null) {
                        return evicts(info);
                    }
                    String refusal = RedisFailures.refusal(failure);
                    if (refusal == null) {
                        return RedisFailures.sentence(failure);
                    }
                    LOG.warn("swap store: cannot find out whether it evicts pages, INFO is refused: {}", refusal);
                    return null;
                })
                .thenCompose(objection -> objection == null
                        ? CompletableFuture.completedFuture(connection)
                        : connection
                                .closeAsync()
                                .thenCompose(
                                        _ -> CompletableFuture.failedFuture(new IllegalStateException(objection))));
    }

    /** Why a server with this {@code INFO memory} cannot hold pages; null if it can. */
    static @Nullable String evicts(String info) {
        Matcher maxmemory = MAXMEMORY.matcher(info);
        Matcher policy = POLICY.matcher(info);
        boolean evictsPages = maxmemory.find()
                && !maxmemory.group(1).equals("0")
                && policy.find()
                && policy.group(1).startsWith("allkeys");
        return evictsPages
                ? "maxmemory-policy " + policy.group(1)
                        + " would evict pages, which are guests' memory (expected: noeviction)"
                : null;
    }
}
