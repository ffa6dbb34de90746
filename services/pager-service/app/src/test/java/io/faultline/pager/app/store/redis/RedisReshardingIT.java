// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.pager.app.config.RedisProperties;
import io.faultline.pager.app.config.SwapStoreChoice;
import io.faultline.pager.app.store.PlainEnvelope;
import io.faultline.pager.app.store.StoreKey;
import io.faultline.pager.app.store.SwapStoreProbe;
import io.faultline.pager.domain.LoadResult;
import io.faultline.redis.RedisCluster;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens to pages while the slots of a real cluster go to other masters. */
class RedisReshardingIT extends SwapStoreProbe<RedisSwapStore> {
    private static final int VM = 9;
    private static final int EXTENT_FRAMES = 512;
    private static final int MOVED_EXTENTS = 40;

    @TempDir
    Path directory;

    private RedisCluster cluster;

    @BeforeEach
    void openStore() {
        cluster = RedisCluster.start(directory);
        store = RedisSwapStore.open(
                (SwapStoreChoice.Redis) SwapStoreChoice.of("redis-cluster://" + cluster.addresses()),
                new RedisProperties("", "", "", 2_000, 1_000, 32 << 20),
                new PlainEnvelope());
    }

    @AfterEach
    void close() {
        end();
        cluster.close();
    }

    @Test
    void slotsMoveUnderTrafficAndNoPageIsLostOrWrong() throws Exception {
        Map<StoreKey, MemorySegment> acknowledged = new LinkedHashMap<>();
        for (int extent = 0; extent < MOVED_EXTENTS; extent++) {
            putTracked(new StoreKey(VM, (long) extent * EXTENT_FRAMES, 1), acknowledged);
        }
        CompletableFuture<Void> moving = CompletableFuture.runAsync(this::moveSlots);

        int asked = 0;
        int unavailable = 0;
        while (!moving.isDone()) {
            long gfn = (long) (asked % MOVED_EXTENTS) * EXTENT_FRAMES + asked / MOVED_EXTENTS % EXTENT_FRAMES;
            unavailable += putTracked(new StoreKey(VM, gfn, 2 + asked), acknowledged) ? 0 : 1;
            List<StoreKey> keys = List.copyOf(acknowledged.keySet());
            StoreKey any = keys.get((int) Math.floorMod(nextRandom(), (long) keys.size()));
            unavailable += isReadable(any, acknowledged) ? 0 : 1;
            asked += 2;
        }
        moving.join();

        assertThat(asked).as("traffic").isGreaterThan(100);
        assertThat(unavailable).as("of %d, while redirections settle", asked).isLessThan(asked / 10);
        for (StoreKey key : acknowledged.keySet()) {
            awaitReadable(key, acknowledged);
        }
    }

    private void awaitReadable(StoreKey key, Map<StoreKey, MemorySegment> acknowledged) throws Exception {
        try {
            await(() -> isReadable(key, acknowledged));
        } catch (AssertionError e) {
            int slot = RedisExtent.of(key).slot();
            throw new AssertionError(
                    key + " in slot " + slot + "; the store's outage: " + store.outage() + "; the servers: "
                            + cluster.viewsOf(slot),
                    e);
        }
    }

    private void moveSlots() {
        for (int extent = 0; extent < MOVED_EXTENTS; extent++) {
            int slot = RedisExtent.of(new StoreKey(VM, (long) extent * EXTENT_FRAMES, 1))
                    .slot();
            int from = slot * RedisCluster.MASTERS / 16_384;
            cluster.moveSlot(slot, from, (from + 1) % RedisCluster.MASTERS);
        }
    }

    private boolean putTracked(StoreKey key, Map<StoreKey, MemorySegment> acknowledged) throws Exception {
        MemorySegment page = randomPage(4096);
        boolean ok = tryWrite(putOf(key, page));
        if (ok) {
            acknowledged.put(key, page);
        }
        return ok;
    }

    /** Whether a page is there and right; if not, it may only be UNAVAILABLE. */
    private boolean isReadable(StoreKey key, Map<StoreKey, MemorySegment> acknowledged) throws Exception {
        MemorySegment target = page(4096);
        LoadResult result = read(key, target);
        assertThat(result).isIn(LoadResult.DATA, LoadResult.UNAVAILABLE);
        assertThat(result == LoadResult.UNAVAILABLE || target.mismatch(acknowledged.get(key)) == -1)
                .isTrue();
        return result == LoadResult.DATA;
    }
}
