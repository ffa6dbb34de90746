// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Another swap store, moved further away: each answer comes no sooner than a fixed time after it was asked for, however many
 * are under way. For whoever wants to see what a distance would do. Any thread may call; the other store bounds what is under
 * way, and so does whoever asks.
 */
public final class FarSwapStore implements SwapStore {
    private static final int CLOSE_TIMEOUT_S = 10;

    private final SwapStore near;
    private final long latencyNs;
    private final ScheduledThreadPoolExecutor clock;

    /** A store whose answers take so long at least. */
    public FarSwapStore(SwapStore near, Duration latency) {
        this.near = near;
        latencyNs = latency.toNanos();
        clock = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("far-swap-store").factory());
        clock.setExecuteExistingDelayedTasksAfterShutdownPolicy(true);
    }

    @Override
    public String name() {
        return near.name();
    }

    /* The near store is asked at once, so that a write is there for the reads that follow it; only its answer is held. */
    @Override
    public void read(PageReads reads) {
        long dueNs = System.nanoTime() + latencyNs;
        PageReads asked = new PageReads(answered -> at(dueNs, () -> handBack(answered, reads)));
        for (int i = 0; i < reads.size(); i++) {
            asked.add(i, reads.key(i), reads.page(i));
        }
        near.read(asked);
    }

    /** What the near store answered together is answered together; its marks are the places in the batch as asked. */
    private static void handBack(PageReads answered, PageReads reads) {
        List<Integer> places = new ArrayList<>(answered.size());
        for (int i = 0; i < answered.size(); i++) {
            places.add(answered.cell(i));
        }
        PageReads part = reads.part(places);
        part.begin();
        for (int i = 0; i < answered.size(); i++) {
            part.setResult(i, answered.result(i), answered.crc32c(i));
        }
        part.answer();
    }

    @Override
    public void write(PageWrites writes) {
        long dueNs = System.nanoTime() + latencyNs;
        PageWrites asked = new PageWrites(
                (answered, ok) -> at(dueNs, () -> writes.part(answered.all()).answer(ok)));
        writes.all().forEach(asked::add);
        near.write(asked);
    }

    private void at(long dueNs, Runnable answer) {
        Future<?> _ = clock.schedule(answer, dueNs - System.nanoTime(), TimeUnit.NANOSECONDS);
    }

    @Override
    public long pagesEstimate() {
        return near.pagesEstimate();
    }

    @Override
    public @Nullable String outage() {
        return near.outage();
    }

    /** Waits for the answers that are held, which go to whoever asked all the same. */
    @Override
    public void close() {
        near.close();
        clock.shutdown();
        try {
            if (!clock.awaitTermination(CLOSE_TIMEOUT_S, TimeUnit.SECONDS)) {
                clock.shutdownNow();
            }
        } catch (InterruptedException e) {
            clock.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
