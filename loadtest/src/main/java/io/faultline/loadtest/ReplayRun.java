// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest;

import io.faultline.loadtest.replay.Replay;
import io.faultline.loadtest.replay.ReplayResult;
import io.faultline.loadtest.replay.ReplaySettings;
import io.faultline.loadtest.report.TerminalProgress;
import io.faultline.rpc.ServiceLoop;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A replay as a command runs it: progress on standard error, and an interrupt from the keyboard unregisters the VM before
 * the JVM ends.
 */
public final class ReplayRun {
    private static final long STOP_TIMEOUT_S = 20;

    private ReplayRun() {}

    /** Replays on a loop of its own. */
    public static ReplayResult run(ReplaySettings settings) {
        try (ServiceLoop loop = ServiceLoop.start("replay")) {
            return run(settings, loop);
        }
    }

    /** Replays on a loop that exists. */
    public static ReplayResult run(ReplaySettings settings, ServiceLoop loop) {
        CountDownLatch ended = new CountDownLatch(1);
        try (TerminalProgress progress = TerminalProgress.start()) {
            Replay replay = new Replay(settings, progress);
            Thread stopper = Thread.ofPlatform().name("stop-replay").unstarted(() -> {
                replay.stop();
                await(ended);
            });
            Runtime.getRuntime().addShutdownHook(stopper);
            try {
                return replay.run(loop);
            } finally {
                ended.countDown();
                remove(stopper);
            }
        }
    }

    private static void remove(Thread stopper) {
        try {
            Runtime.getRuntime().removeShutdownHook(stopper);
        } catch (IllegalStateException shuttingDown) {
            // It runs already, and waits for nothing more.
        }
    }

    private static void await(CountDownLatch ended) {
        try {
            ended.await(STOP_TIMEOUT_S, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
