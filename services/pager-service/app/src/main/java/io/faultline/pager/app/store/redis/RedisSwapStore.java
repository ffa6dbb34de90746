// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store.redis;

import io.faultline.pager.app.config.RedisProperties;
import io.faultline.pager.app.config.SwapStoreChoice;
import io.faultline.pager.app.store.Envelope;
import io.faultline.pager.app.store.PageReads;
import io.faultline.pager.app.store.PageWrites;
import io.faultline.pager.app.store.StoreThreads;
import io.faultline.pager.app.store.SwapStore;
import io.faultline.telemetry.RareLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A swap store in Redis or Valkey, one server or a cluster. It is a store as soon as it is opened: while a server cannot
 * be reached, the pages it holds are UNAVAILABLE, at once. Any thread may ask; nobody is made to wait for a server.
 */
public final class RedisSwapStore implements SwapStore {
    /*
     * A batch is handed to one dispatching thread, which cuts it into a group for each node that holds some of its
     * pages. A group is sent in one go and answered by itself, on its connection's thread, so a slow node delays its
     * own pages only. The bounds are the dispatcher's queue and each node's bytes in flight.
     */
    private static final Logger LOG = LoggerFactory.getLogger(RedisSwapStore.class);
    private static final int QUEUE_MAX = 4_096;
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

    private final String url;
    private final Envelope envelope;
    private final RareLog failures = new RareLog(LOG);
    private final StoreThreads dispatcher = new StoreThreads("pager-store-dispatcher", 1, QUEUE_MAX);
    private final RedisClients clients;
    private final RedisKeeper keeper;
    private final RedisNodes nodes;
    private final RedisSender sender;
    private final RedisWriter writer;
    private final RedisCensus census;

    private RedisSwapStore(SwapStoreChoice.Redis choice, RedisProperties settings, Envelope envelope) {
        url = choice.toString();
        this.envelope = envelope;
        clients = new RedisClients(choice, settings);
        keeper = new RedisKeeper(url);
        nodes = clients.nodes(keeper::soon);
        sender = new RedisSender(nodes, clients.timer(), settings.timeoutMs(), failures);
        writer =
                new RedisWriter(envelope, nodes, sender, new RedisDrops(nodes, sender, settings.timeoutMs()), failures);
        census = new RedisCensus(TimeUnit.MILLISECONDS.toNanos(settings.timeoutMs()));
    }

    /**
     * Opens the store and gives its servers a moment to answer, twice the connect timeout at most; afterwards
     * {@link #outage} tells whether they did.
     *
     * @throws IllegalArgumentException when a setting cannot be used
     */
    public static RedisSwapStore open(SwapStoreChoice.Redis choice, RedisProperties settings, Envelope envelope) {
        RedisSwapStore store = new RedisSwapStore(choice, settings, envelope);
        CompletableFuture<Void> reached = store.nodes.refresh();
        reached.completeOnTimeout(null, 2L * settings.connectTimeoutMs(), TimeUnit.MILLISECONDS)
                .join();
        store.keeper.start(store.nodes, store.census);
        return store;
    }

    @Override
    public String name() {
        return "redis";
    }

    @Override
    public void read(PageReads reads) {
        if (!tryDispatch(() -> dispatch(reads))) {
            reads.begin();
            reads.answer();
        }
    }

    private void dispatch(PageReads reads) {
        Map<RedisNode, List<Integer>> byNode = new LinkedHashMap<>();
        List<Integer> homeless = new ArrayList<>();
        for (int i = 0; i < reads.size(); i++) {
            RedisNode node = nodes.ofSlot(RedisExtent.of(reads.key(i)).slot());
            (node == null ? homeless : byNode.computeIfAbsent(node, _ -> new ArrayList<>())).add(i);
        }
        byNode.forEach((node, pages) -> {
            RedisReadGroup group = new RedisReadGroup(reads.part(pages), envelope);
            sender.send(node, group, group.calls());
        });
        if (!homeless.isEmpty()) {
            nodes.refreshSoon();
            PageReads unavailable = reads.part(homeless);
            unavailable.begin();
            unavailable.answer();
        }
    }

    @Override
    public void write(PageWrites writes) {
        if (!tryDispatch(() -> writer.write(writes))) {
            writes.answer(false);
        }
    }

    private boolean tryDispatch(Runnable task) {
        try {
            dispatcher.execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            failures.warn("swap store: the queue is full or closed, pages are UNAVAILABLE", null);
            return false;
        }
    }

    @Override
    public long pagesEstimate() {
        return census.pages();
    }

    @Override
    public @Nullable String outage() {
        String outage = nodes.outage();
        return outage == null ? null : "the swap store " + url + " cannot be reached: " + outage;
    }

    @Override
    public void close() {
        boolean ended = dispatcher.drain(CLOSE_TIMEOUT) && writer.drain(CLOSE_TIMEOUT);
        sender.underWay().forEach(group -> group.end().join());
        if (!ended) {
            LOG.warn("the swap store {} is still busy after {}, and is left so", url, CLOSE_TIMEOUT);
        }
        keeper.close();
        nodes.close();
        clients.close();
    }
}
