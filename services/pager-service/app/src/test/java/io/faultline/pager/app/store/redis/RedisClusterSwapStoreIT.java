// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.pager.app.store.PageWrites;
import io.faultline.pager.app.store.StoreKey;
import io.faultline.pager.domain.LoadResult;
import io.faultline.redis.RedisCluster;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisHashCommands;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.sync.RedisAdvancedClusterCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract, against a real cluster of three masters and three replicas, and what happens while slots move. */
class RedisClusterSwapStoreIT extends RedisSwapStoreContract {
    private static final int VM = 9;
    private static final int EXTENT_FRAMES = 512;

    @TempDir
    static Path directory;

    private static RedisCluster cluster;
    private static RedisClusterClient client;
    private static RedisAdvancedClusterCommands<byte[], byte[]> redis;

    @BeforeAll
    static void startCluster() {
        cluster = RedisCluster.start(directory);
        client = RedisClusterClient.create(
                RedisURI.create("127.0.0.1", cluster.servers().getFirst().port()));
        redis = client.connect(ByteArrayCodec.INSTANCE).sync();
    }

    @AfterAll
    static void endCluster() {
        client.shutdown();
        cluster.close();
    }

    @AfterEach
    void startOver() {
        for (int i = 0; i < RedisCluster.MASTERS; i++) {
            cluster.ask(i).flushall();
        }
    }

    @Override
    String url() {
        return "redis-cluster://" + cluster.addresses();
    }

    @Override
    RedisHashCommands<byte[], byte[]> redis() {
        return redis;
    }

    @Test
    void extentsAreSpreadOverAllMastersAndAnExtentIsInOnePlace() throws Exception {
        for (int extent = 0; extent < 300; extent++) {
            write(
                    putOf(new StoreKey(VM, (long) extent * EXTENT_FRAMES, 1), randomPage(4096)),
                    putOf(new StoreKey(VM, (long) extent * EXTENT_FRAMES + EXTENT_FRAMES - 1, 1), randomPage(4096)));
        }

        assertThat(cluster.keysOfMasters()).allSatisfy(keys -> assertThat(keys).isGreaterThan(50));
        assertThat(cluster.keysOfMasters().stream().mapToLong(keys -> keys).sum())
                .isEqualTo(300);
    }

    @Test
    void aSlotThatHasMovedIsFollowed() throws Exception {
        Moving moving = putOne();

        cluster.moveSlot(moving.slot, moving.from, moving.to());

        moving.requireReadable();
        put(moving.key(1), randomPage(4096));
        cluster.moveSlot(moving.slot, moving.to(), moving.from);
        moving.requireReadable();
    }

    @Test
    void aSlotThatIsBeingMovedIsReadAndWrittenOnBothSides() throws Exception {
        Moving moving = putOne();

        cluster.beginMove(moving.slot, moving.from, moving.to());
        moving.requireReadable();
        cluster.moveKey(moving.name(), moving.from, moving.to());
        moving.requireReadable();
        put(moving.key(1), moving.page);
        assertThat(read(moving.key(1), page(4096))).isEqualTo(LoadResult.DATA);
        cluster.endMove(moving.slot, moving.to());
        moving.requireReadable();

        write(new PageWrites.DropVm(VM, ok -> {}));
        assertThat(cluster.keysOfMasters()).containsOnly(0L);
        cluster.moveSlot(moving.slot, moving.to(), moving.from);
    }

    @Test
    void droppingAVmFindsItsExtentsOnEveryMaster() throws Exception {
        List<PageWrites.Write> puts = new ArrayList<>();
        for (int extent = 0; extent < 100; extent++) {
            puts.add(putOf(new StoreKey(VM, (long) extent * EXTENT_FRAMES, 1), randomPage(4096)));
            puts.add(putOf(new StoreKey(VM + 1, (long) extent * EXTENT_FRAMES, 1), randomPage(4096)));
        }
        write(puts.toArray(PageWrites.Write[]::new));

        write(new PageWrites.DropVm(VM, ok -> {}));

        assertThat(cluster.keysOfMasters().stream().mapToLong(keys -> keys).sum())
                .isEqualTo(100);
    }

    private Moving putOne() throws Exception {
        Moving moving = new Moving(randomPage(4096));
        put(moving.key(0), moving.page);
        return moving;
    }

    /** A page whose slot goes from one master to the next. */
    private final class Moving {
        final MemorySegment page;
        final int slot = RedisExtent.of(key(0)).slot();
        final int from = slot * RedisCluster.MASTERS / 16_384;

        Moving(MemorySegment page) {
            this.page = page;
        }

        StoreKey key(int frame) {
            return new StoreKey(VM, frame, 1);
        }

        int to() {
            return (from + 1) % RedisCluster.MASTERS;
        }

        String name() {
            return "faultline:9:0";
        }

        void requireReadable() throws Exception {
            MemorySegment target = page(4096);
            assertThat(read(key(0), target)).isEqualTo(LoadResult.DATA);
            assertThat(target.mismatch(page)).isEqualTo(-1);
        }
    }
}
