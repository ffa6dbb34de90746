// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store.redis;

import io.netty.util.Timeout;
import io.netty.util.Timer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Calls that go to one node together and are answered together: when the last has ended, or when time is up. What comes
 * later finds the group over and touches nothing, for the pages are the asker's again. Any thread.
 */
abstract class RedisGroup {
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private int callsLeft;
    private boolean isOver;
    private @Nullable Timeout timeout;

    /** Begins to wait for so many calls. */
    final synchronized void begin(int calls, Timer timer, long timeoutMs, Runnable whenTimeIsUp) {
        callsLeft = calls;
        timeout = timer.newTimeout(
                _ -> {
                    if (close()) {
                        whenTimeIsUp.run();
                        finish();
                    }
                },
                timeoutMs,
                TimeUnit.MILLISECONDS);
    }

    /** A call has ended well or not. */
    final void ended(RedisCall call, boolean ok) {
        synchronized (this) {
            if (isOver) {
                return;
            }
            if (ok) {
                call.succeeded();
            }
            if (--callsLeft > 0) {
                return;
            }
        }
        if (close()) {
            finish();
        }
    }

    /** Whether the pages are the asker's again. To be asked under the group's lock. */
    final boolean isOver() {
        return isOver;
    }

    /** Completes once the group was answered. */
    final CompletableFuture<Void> end() {
        return end;
    }

    private synchronized boolean close() {
        boolean closes = !isOver;
        isOver = true;
        if (closes && timeout != null) {
            timeout.cancel();
        }
        return closes;
    }

    private void finish() {
        try {
            answer();
        } finally {
            end.complete(null);
        }
    }

    /** Gives the pages back; once, when the group is over. */
    abstract void answer();
}
