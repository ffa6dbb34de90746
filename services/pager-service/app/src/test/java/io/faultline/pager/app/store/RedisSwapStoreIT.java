// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.pager.app.config.RedisProperties;
import io.faultline.pager.app.config.SwapStoreChoice;
import io.faultline.pager.domain.LoadResult;
import io.faultline.redis.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract, against one real server. */
class RedisSwapStoreIT extends SwapStoreContract<RedisSwapStore> {
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
    RedisSwapStore open() {
        return RedisSwapStore.open(
                (SwapStoreChoice.Redis) SwapStoreChoice.of("redis://" + server.address()),
                new RedisProperties("", "", "", 2_000, 1_000, 32 << 20));
    }

    @Override
    byte[] value(StoreKey key) {
        return Objects.requireNonNull(redis.hget(RedisExtent.of(key).key(), RedisExtent.field(key)), "a value");
    }

    @Override
    void setValue(StoreKey key, byte[] value) {
        redis.hset(RedisExtent.of(key).key(), RedisExtent.field(key), value);
    }

    @Test
    void pagesSurviveARestartOfThePager() throws Exception {
        MemorySegment page = randomPage(16384);
        put(KEY, page);

        store.close();
        store = open();
        MemorySegment target = page(16384);

        assertThat(read(KEY, target)).isEqualTo(LoadResult.DATA);
        assertThat(target.mismatch(page)).isEqualTo(-1);
    }

    @Test
    void aClosedStoreAnswersUnavailable() throws Exception {
        store.close();

        assertThat(read(KEY, page(4096))).isEqualTo(LoadResult.UNAVAILABLE);
        assertThat(tryWrite(putOf(KEY, page(4096)))).isFalse();
    }

    @Test
    void whatIsNotOursStaysWhenAVmIsDropped() throws Exception {
        redis.set(new byte[] {'k'}, new byte[] {'v'});
        put(KEY, randomPage(4096));

        write(new PageWrites.DropVm(3, ok -> {}));

        assertThat(redis.dbsize()).isEqualTo(1);
    }
}
