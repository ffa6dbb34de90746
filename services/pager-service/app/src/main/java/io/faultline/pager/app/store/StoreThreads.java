// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** A few threads that may block, behind a bounded queue that refuses when full. Any thread. */
public final class StoreThreads implements Executor {
    private final ThreadPoolExecutor threads;

    /** So many threads, named after what they do, and the bound on tasks that wait for them. */
    public StoreThreads(String name, int count, int queueMax) {
        threads = new ThreadPoolExecutor(
                count,
                count,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(queueMax),
                Thread.ofPlatform().daemon().name(name + "-", 0).factory());
    }

    /**
     * Runs a task when its turn comes.
     *
     * @throws java.util.concurrent.RejectedExecutionException if the queue is full, or closed
     */
    @Override
    public void execute(Runnable task) {
        threads.execute(task);
    }

    /** Takes no more tasks and waits for those it has; whether all of them ran. */
    public boolean drain(Duration timeout) {
        threads.shutdown();
        try {
            return threads.awaitTermination(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
