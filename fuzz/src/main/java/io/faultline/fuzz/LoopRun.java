// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.fuzz;

import io.faultline.rpc.ServiceLoop;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs a target's inputs on a service's loop, where its handlers belong. */
final class LoopRun {
    private static final long TIMEOUT_S = 20;

    private final ServiceLoop loop = ServiceLoop.start("fuzz");

    ServiceLoop loop() {
        return loop;
    }

    /** Runs on the loop, waits for it, and throws what it threw. */
    void run(Runnable input) {
        CompletableFuture<Void> end = CompletableFuture.runAsync(input, loop);
        try {
            end.get(TIMEOUT_S, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException(String.valueOf(e.getCause()), e.getCause());
        } catch (TimeoutException e) {
            throw new IllegalStateException("an input takes more than " + TIMEOUT_S + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
