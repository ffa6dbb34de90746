// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * While it is open, an interrupt from the keyboard asks what runs to stop, and the JVM waits until it has. Opened and closed
 * by the thread that runs it.
 */
public final class StopOnInterrupt implements AutoCloseable {
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread stopper;

    private StopOnInterrupt(Runnable stop, Duration patience, Runnable last) {
        stopper = Thread.ofPlatform().name("stop").unstarted(() -> {
            stop.run();
            await(patience);
            last.run();
        });
    }

    /**
     * Opens it.
     *
     * @param stop asks what runs to stop; on a thread of its own
     * @param patience how long the JVM waits for that
     * @param last what is done then, however it ended
     */
    public static StopOnInterrupt open(Runnable stop, Duration patience, Runnable last) {
        StopOnInterrupt opened = new StopOnInterrupt(stop, patience, last);
        Runtime.getRuntime().addShutdownHook(opened.stopper);
        return opened;
    }

    /** What runs has ended. */
    @Override
    public void close() {
        ended.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(stopper);
        } catch (IllegalStateException shuttingDown) {
            // It runs already, and waits for nothing more.
        }
    }

    private void await(Duration patience) {
        try {
            ended.await(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
