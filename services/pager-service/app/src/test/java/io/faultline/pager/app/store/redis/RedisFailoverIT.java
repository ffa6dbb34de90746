// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.pager.app.config.RedisProperties;
import io.faultline.pager.app.config.SwapStoreChoice;
import io.faultline.pager.app.store.PageReads;
import io.faultline.pager.app.store.PageWrites;
import io.faultline.pager.app.store.PlainEnvelope;
import io.faultline.pager.app.store.StoreKey;
import io.faultline.pager.app.store.SwapStoreProbe;
import io.faultline.pager.domain.LoadResult;
import io.faultline.redis.RedisCluster;
import io.faultline.redis.RedisServer;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens to pages when a master of a real cluster dies, or goes on without answering. */
class RedisFailoverIT extends SwapStoreProbe<RedisSwapStore> {
    private static final int VM = 4;
    private static final int EXTENT_FRAMES = 512;
    private static final int EXTENTS = 60;
    private static final int SIZE = 4096;
    private static final int TIMEOUT_MS = 300;
    /** Nodes think each other dead after a second, and then all of them refuse until a replica has the slots. */
    private static final Duration BEFORE_THE_CLUSTER_NOTICES = Duration.ofMillis(400);

    @TempDir
    Path directory;

    private final Map<StoreKey, MemorySegment> pages = new LinkedHashMap<>();
    private RedisCluster cluster;

    @BeforeEach
    void storePages() throws Exception {
        cluster = RedisCluster.start(directory);
        store = RedisSwapStore.open(
                (SwapStoreChoice.Redis) SwapStoreChoice.of("redis-cluster://" + cluster.addresses()),
                new RedisProperties("", "", "", 1_000, TIMEOUT_MS, 32 << 20),
                new PlainEnvelope());
        for (int extent = 0; extent < EXTENTS; extent++) {
            StoreKey key = new StoreKey(VM, (long) extent * EXTENT_FRAMES, 1);
            pages.put(key, randomPage(SIZE));
            put(key, pages.get(key));
        }
        cluster.awaitReplicas();
    }

    @AfterEach
    void close() {
        end();
        cluster.close();
    }

    @Test
    void aMasterDiesAndItsReplicaGoesOnWithEveryPage() throws Exception {
        cluster.servers().getFirst().kill();

        for (StoreKey key : pages.keySet()) {
            if (masterOf(key) != 0) {
                requireReadable(key);
            }
        }
        for (StoreKey key : pages.keySet()) {
            await(() -> {
                LoadResult result = read(key, page(SIZE));
                assertThat(result).isIn(LoadResult.DATA, LoadResult.UNAVAILABLE);
                return result == LoadResult.DATA;
            });
            requireReadable(key);
        }
        for (StoreKey key : pages.keySet()) {
            put(new StoreKey(VM, key.gfn() + 1, 1), randomPage(SIZE));
        }
        await(() -> store.outage() == null);
        write(new PageWrites.DropVm(VM, ok -> {}));
    }

    @Test
    void aMasterThatDoesNotAnswerHoldsUpNoOthersPages() throws Exception {
        RedisServer frozen = cluster.servers().getFirst();
        frozen.freeze();

        long beginNs = System.nanoTime();
        for (StoreKey key : pages.keySet()) {
            if (masterOf(key) == 0) {
                assertThat(read(key, page(SIZE))).isIn(LoadResult.UNAVAILABLE, LoadResult.DATA);
            } else {
                requireReadable(key);
            }
        }
        Duration all = Duration.ofNanos(System.nanoTime() - beginNs);

        assertThat(all).isLessThan(Duration.ofMillis(EXTENTS / 3 * TIMEOUT_MS));
        for (StoreKey key : pages.keySet()) {
            await(() -> read(key, page(SIZE)) == LoadResult.DATA);
            requireReadable(key);
        }
        frozen.thaw();
        for (StoreKey key : pages.keySet()) {
            await(() -> tryWrite(putOf(new StoreKey(VM, key.gfn() + 1, 1), randomPage(SIZE))));
        }
    }

    @Test
    void aStalledMastersPagesPileUpNowhereAndOthersKeepTheirLatency() throws Exception {
        List<StoreKey> others =
                pages.keySet().stream().filter(key -> masterOf(key) != 0).toList();
        StoreKey stalled = pages.keySet().stream()
                .filter(key -> masterOf(key) == 0)
                .findFirst()
                .orElseThrow();
        AtomicInteger unanswered = new AtomicInteger();
        MemorySegment target = page(SIZE);
        long frozenNs = System.nanoTime();
        cluster.servers().getFirst().freeze();

        List<Long> tookNs = new ArrayList<>();
        int unansweredMax = 0;
        while (System.nanoTime() - frozenNs < BEFORE_THE_CLUSTER_NOTICES.toNanos()) {
            PageReads reads = new PageReads(_ -> unanswered.decrementAndGet());
            reads.add(0, stalled, target);
            unansweredMax = Math.max(unansweredMax, unanswered.incrementAndGet());
            store.read(reads);
            long beginNs = System.nanoTime();
            requireReadable(others.get(tookNs.size() % others.size()));
            tookNs.add(System.nanoTime() - beginNs);
        }
        Collections.sort(tookNs);
        await(() -> unanswered.get() == 0);

        assertThat(Duration.ofNanos(tookNs.get(tookNs.size() / 2)))
                .as("median of the others, and the slowest %s", Duration.ofNanos(tookNs.getLast()))
                .isLessThan(Duration.ofMillis(TIMEOUT_MS / 10));
        assertThat(unansweredMax).as("asked of the stalled one at a time").isLessThan(tookNs.size());
    }

    private static int masterOf(StoreKey key) {
        return RedisExtent.of(key).slot() * RedisCluster.MASTERS / 16_384;
    }

    private void requireReadable(StoreKey key) throws Exception {
        MemorySegment target = page(SIZE);
        assertThat(read(key, target)).isEqualTo(LoadResult.DATA);
        assertThat(target.mismatch(pages.get(key))).isEqualTo(-1);
    }
}
