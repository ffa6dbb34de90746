// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store.redis;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One server that holds everything. */
final class SingleRedis implements RedisNodes {
    private final RedisNode node;

    SingleRedis(RedisNode node) {
        this.node = node;
    }

    @Override
    public RedisNode ofSlot(int slot) {
        return node;
    }

    @Override
    public @Nullable RedisNode at(String host, int port) {
        return null;
    }

    @Override
    public List<RedisNode> masters() {
        return List.of(node);
    }

    @Override
    public CompletableFuture<Void> refresh() {
        return node.connect();
    }

    /* Nothing moves. */
    @Override
    public void refreshSoon() {}

    @Override
    public @Nullable String outage() {
        return node.outage();
    }

    @Override
    public void close() {
        RedisNodes.await(node.close());
    }
}
