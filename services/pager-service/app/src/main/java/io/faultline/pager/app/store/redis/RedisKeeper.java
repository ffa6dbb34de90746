// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store.redis;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after the servers: broken connections are made again, changes of the cluster are learnt, a server that would
 * evict pages is given up, pages are counted, and the log says when the store goes away and when it is back. On a
 * thread of its own, which never waits for a server.
 */
final class RedisKeeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RedisKeeper.class);
    private static final long ROUND_MS = 500;
    private static final long SOON_MS = 250;
    private static final long END_MS = 1_000;
    private static final int ROUNDS_A_REFRESH = 10;

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("pager-store-keeper").factory());
    private final String url;
    private @Nullable String lastOutage;
    private long round;

    RedisKeeper(String url) {
        this.url = url;
    }

    /** Begins to look after servers. */
    void start(RedisNodes nodes, RedisCensus census) {
        Future<?> _ = thread.scheduleWithFixedDelay(() -> round(nodes, census), 0, ROUND_MS, TimeUnit.MILLISECONDS);
    }

    /** Runs a task in a moment; not at all once closed. */
    void soon(Runnable task) {
        try {
            Future<?> _ = thread.schedule(task, SOON_MS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("the store is closed", e);
        }
    }

    private void round(RedisNodes nodes, RedisCensus census) {
        try {
            if (round % ROUNDS_A_REFRESH == 0) {
                CompletableFuture<Void> _ = nodes.refresh();
                census.take(nodes.masters());
                nodes.masters().forEach(RedisNode::review);
            } else {
                nodes.masters().forEach(RedisNode::reconnect);
            }
            report(nodes.outage());
        } catch (RuntimeException e) {
            LOG.error("the swap store's servers were not looked after", e);
        }
        round++;
    }

    private void report(@Nullable String outage) {
        if (outage != null && lastOutage == null) {
            LOG.warn(
                    "the swap store {} cannot be reached in full, pages are UNAVAILABLE until it can: {}", url, outage);
        } else if (outage == null && lastOutage != null) {
            LOG.info("the swap store {} can be reached again", url);
        }
        lastOutage = outage;
    }

    @Override
    public void close() {
        thread.shutdownNow();
        try {
            if (!thread.awaitTermination(END_MS, TimeUnit.MILLISECONDS)) {
                LOG.warn("the thread that looks after the swap store's servers has not ended in {} ms", END_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
