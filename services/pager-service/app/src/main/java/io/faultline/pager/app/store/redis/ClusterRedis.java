// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store.redis;

import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A Redis Cluster. Lettuce's cluster client finds out who holds which slots, from any node that answers; connections
 * are the store's own, so that a node that cannot be reached is no matter to those that can.
 */
final class ClusterRedis implements RedisNodes {
    private final RedisClusterClient client;
    private final Connector connector;
    private final Executor later;
    private final AtomicBoolean isRefreshDue = new AtomicBoolean();

    private final Map<String, RedisNode> nodes = new HashMap<>();
    private volatile @Nullable RedisNode[] slots = new RedisNode[SlotHash.SLOT_COUNT];
    private volatile List<RedisNode> masters = List.of();
    private volatile String lastFailure = "not connected yet";
    private @Nullable CompletableFuture<Void> refreshing;
    private boolean isClosed;

    /**
     * A cluster that nothing is known of yet.
     *
     * @param connector makes the node at an address
     * @param later runs a task in a moment
     */
    ClusterRedis(RedisClusterClient client, Connector connector, Executor later) {
        this.client = client;
        this.connector = connector;
        this.later = later;
    }

    @Override
    public @Nullable RedisNode ofSlot(int slot) {
        return slots[slot];
    }

    @Override
    public synchronized @Nullable RedisNode at(String host, int port) {
        RedisNode known = nodes.get(host + ":" + port);
        if (known == null) {
            refreshSoon();
        }
        return known;
    }

    @Override
    public List<RedisNode> masters() {
        return masters;
    }

    @Override
    public synchronized CompletableFuture<Void> refresh() {
        if (isClosed) {
            return CompletableFuture.completedFuture(null);
        }
        if (refreshing != null) {
            return refreshing;
        }
        CompletableFuture<Void> begun = new CompletableFuture<>();
        refreshing = begun;
        CompletionStage<Void> _ = client.refreshPartitionsAsync()
                .handle((_, failure) -> learn(failure))
                .thenCompose(connected -> connected)
                .whenComplete((_, _) -> begun.complete(null));
        return begun;
    }

    private synchronized CompletableFuture<Void> learn(@Nullable Throwable failure) {
        refreshing = null;
        if (failure != null) {
            lastFailure = RedisFailures.sentence(failure);
        } else if (!isClosed) {
            adopt(List.copyOf(client.getPartitions().getPartitions()));
        }
        return CompletableFuture.allOf(masters.stream().map(RedisNode::connect).toArray(CompletableFuture[]::new));
    }

    private void adopt(List<RedisClusterNode> cluster) {
        @Nullable RedisNode[] owners = new RedisNode[SlotHash.SLOT_COUNT];
        Set<RedisNode> found = new LinkedHashSet<>();
        Set<String> addresses = new LinkedHashSet<>();
        for (RedisClusterNode described : cluster) {
            RedisURI uri = described.getUri();
            String address = uri.getHost() + ":" + uri.getPort();
            addresses.add(address);
            RedisNode node = nodes.computeIfAbsent(address, _ -> connector.node(uri.getHost(), uri.getPort()));
            if (described.getRole().isUpstream() && !described.getSlots().isEmpty()) {
                found.add(node);
                described.forEachSlot(slot -> owners[slot] = node);
            }
        }
        nodes.forEach((address, node) -> {
            if (!addresses.contains(address)) {
                CompletableFuture<Void> _ = node.close();
            }
        });
        nodes.keySet().retainAll(addresses);
        slots = owners;
        masters = List.copyOf(found);
    }

    @Override
    public void refreshSoon() {
        if (isRefreshDue.compareAndSet(false, true)) {
            later.execute(() -> {
                isRefreshDue.set(false);
                CompletableFuture<Void> _ = refresh();
            });
        }
    }

    @Override
    public @Nullable String outage() {
        if (masters.isEmpty()) {
            return lastFailure;
        }
        long uncovered = Arrays.stream(slots).filter(owner -> owner == null).count();
        if (uncovered > 0) {
            return uncovered + " of " + SlotHash.SLOT_COUNT + " hash slots have no master";
        }
        return masters.stream()
                .map(RedisNode::outage)
                .filter(outage -> outage != null)
                .findFirst()
                .orElse(null);
    }

    @Override
    public void close() {
        List<CompletableFuture<Void>> ends = new ArrayList<>();
        synchronized (this) {
            isClosed = true;
            nodes.values().forEach(node -> ends.add(node.close()));
            if (refreshing != null) {
                ends.add(refreshing);
            }
        }
        RedisNodes.await(CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new)));
    }

    /** Makes the node at an address, which nothing is known of yet. */
    @FunctionalInterface
    interface Connector {
        RedisNode node(String host, int port);
    }
}
