// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.pager.app.store.PageWrites;
import io.faultline.pager.app.store.StoreKey;
import io.faultline.pager.domain.LoadResult;
import io.faultline.redis.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.api.sync.RedisHashCommands;
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

/** The contract, against one real server. */
class RedisSwapStoreIT extends RedisSwapStoreContract {
    private static final StoreKey KEY = new StoreKey(3, 5, 1);

    @TempDir
    static Path directory;

    private static RedisServer server;
    private static RedisClient client;
    private static RedisCommands<byte[], byte[]> redis;

    @BeforeAll
    static void startServer() {
        server = RedisServer.start(directory);
        client = RedisClient.create();
        redis = client.connect(ByteArrayCodec.INSTANCE, RedisURI.create("127.0.0.1", server.port()))
                .sync();
    }

    @AfterAll
    static void endServer() {
        client.shutdown();
        server.close();
    }

    @AfterEach
    void startOver() {
        redis.flushall();
    }

    @Override
    String url() {
        return "redis://" + server.address();
    }

    @Override
    RedisHashCommands<byte[], byte[]> redis() {
        return redis;
    }

    @Test
    void pagesOfAnExtentAreReadInOneRequest() throws Exception {
        List<StoreKey> keys = new ArrayList<>();
        List<MemorySegment> targets = new ArrayList<>();
        for (int gfn = 0; gfn < 64; gfn++) {
            keys.add(new StoreKey(3, gfn, 1));
            targets.add(page(4096));
            put(keys.getLast(), randomPage(4096));
        }
        redis.configResetstat();

        assertThat(readAll(keys, targets)).allMatch(outcome -> outcome.result() == LoadResult.DATA);

        assertThat(redis.info("commandstats")).contains("cmdstat_hmget:calls=1,");
    }

    @Test
    void aDroppedVmsMemoryIsGivenBack() throws Exception {
        long emptyBytes = usedMemoryBytes();
        for (int gfn = 0; gfn < 2_000; gfn++) {
            put(new StoreKey(3, gfn, 1), randomPage(4096));
        }
        assertThat(usedMemoryBytes() - emptyBytes).isGreaterThan(2_000 * 4096);

        write(new PageWrites.DropVm(3, ok -> {}));

        await(() -> usedMemoryBytes() - emptyBytes < 2_000 * 4096 / 20);
    }

    private static long usedMemoryBytes() {
        return redis.info("memory")
                .lines()
                .filter(line -> line.startsWith("used_memory:"))
                .mapToLong(line -> Long.parseLong(line.substring("used_memory:".length())))
                .sum();
    }

    @Test
    void whatIsNotOursStaysWhenAVmIsDropped() throws Exception {
        redis.set(new byte[] {'k'}, new byte[] {'v'});
        put(KEY, randomPage(4096));

        write(new PageWrites.DropVm(3, ok -> {}));

        assertThat(redis.dbsize()).isEqualTo(1);
    }
}
