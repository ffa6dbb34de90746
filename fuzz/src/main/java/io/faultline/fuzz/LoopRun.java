// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.fuzz;

import io.faultline.rpc.ServiceLoop;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/** Runs a target's inputs on a service's loop, where its handlers belong. */
final class LoopRun {
    private static final long TIMEOUT_S = 20;

    private final TaskFailures failures = TaskFailures.watch();
    private final ServiceLoop loop = ServiceLoop.start("fuzz");

    ServiceLoop loop() {
        return loop;
    }

    /** Runs on the loop, waits for it and for the turns that follow, and throws what they threw. */
    void run(Runnable input) {
        run(new ArrayDeque<>(List.of(input)), () -> true);
    }

    /** Runs one after another, each once all that the one before left to be done is done. They may add others. */
    void run(Queue<Runnable> steps, BooleanSupplier isAtRest) {
        Steps run = new Steps(steps, isAtRest);
        loop.execute(run::next);
        await(run.end);
    }

    private static void await(CompletableFuture<Void> end) {
        try {
            end.get(TIMEOUT_S, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException(String.valueOf(e.getCause()), e.getCause());
        } catch (TimeoutException e) {
            end.cancel(false);
            throw new IllegalStateException("an input takes more than " + TIMEOUT_S + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** Steps under way. The loop's, but for their end. */
    private final class Steps {
        /** Turns in a row that find nothing under way; what one leaves to do is done by the second after it. */
        private static final int QUIET_TURNS = 3;

        private final CompletableFuture<Void> end = new CompletableFuture<>();
        private final Queue<Runnable> left;
        private final BooleanSupplier isAtRest;
        private int quiet = QUIET_TURNS;

        Steps(Queue<Runnable> left, BooleanSupplier isAtRest) {
            this.left = left;
            this.isAtRest = isAtRest;
        }

        void next() {
            try {
                failures.rethrow();
                quiet = isAtRest.getAsBoolean() ? quiet + 1 : 0;
                if (quiet >= QUIET_TURNS) {
                    quiet = 0;
                    Runnable step = left.poll();
                    if (step == null) {
                        end.complete(null);
                        return;
                    }
                    step.run();
                }
            } catch (RuntimeException | Error e) {
                end.completeExceptionally(e);
                return;
            }
            if (!end.isCancelled()) {
                loop.execute(this::next);
            }
        }
    }
}
