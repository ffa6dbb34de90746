// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store.redis;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The servers that hold pages, and which of them holds which hash slot. Any thread; nothing but close blocks. */
interface RedisNodes extends AutoCloseable {
    /** How long connections may take to end, in milliseconds. */
    int CLOSE_TIMEOUT_MS = 2_000;

    /** The master that holds a hash slot, as far as is known; null if none does. */
    @Nullable
    RedisNode ofSlot(int slot);

    /** The node that a redirection names; null if there are no redirections here. */
    @Nullable
    RedisNode at(String host, int port);

    /** Every node that holds slots. */
    List<RedisNode> masters();

    /** Finds out which nodes there are and connects to them; ends, never fails, once that worked or not. */
    CompletableFuture<Void> refresh();

    /** Refreshes in a moment, once, however often it is asked for. */
    void refreshSoon();

    /** Why some pages cannot be reached, as a few words; null if all can. */
    @Nullable
    String outage();

    /** Ends the connections, and waits for that a little. */
    @Override
    void close();

    /** Waits for an end, but not for long. */
    static void await(CompletableFuture<Void> end) {
        CompletableFuture<Void> waited = end.completeOnTimeout(null, CLOSE_TIMEOUT_MS, TimeUnit.MILLISECONDS);
        waited.exceptionally(_ -> null).join();
    }
}
