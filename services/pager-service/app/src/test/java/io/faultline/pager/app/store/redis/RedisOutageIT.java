// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.pager.app.config.RedisProperties;
import io.faultline.pager.app.config.SwapStoreChoice;
import io.faultline.pager.app.store.PageWrites;
import io.faultline.pager.app.store.PlainEnvelope;
import io.faultline.pager.app.store.StoreKey;
import io.faultline.pager.app.store.SwapStoreProbe;
import io.faultline.pager.domain.LoadResult;
import io.faultline.redis.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a store says and does when its one server is away, full, or not fit to hold pages. */
class RedisOutageIT extends SwapStoreProbe<RedisSwapStore> {
    private static final StoreKey KEY = new StoreKey(3, 5, 1);
    private static final int SIZE = 4096;
    private static final int TIMEOUT_MS = 300;

    @TempDir
    Path directory;

    private final int port = RedisServer.freePort();
    private final List<RedisServer> servers = new ArrayList<>();

    @AfterEach
    void close() {
        end();
        servers.forEach(RedisServer::close);
    }

    @Test
    void aServerThatIsAwayAtTheStartIsNamedAndUsedOnceItIsThere() throws Exception {
        open("");

        assertThat(store.outage())
                .startsWith("the swap store redis://127.0.0.1:" + port + " cannot be reached: 127.0.0.1:" + port)
                .contains("refused");
        assertThat(read(KEY, page(SIZE))).isEqualTo(LoadResult.UNAVAILABLE);
        assertThat(tryWrite(putOf(KEY, randomPage(SIZE)))).isFalse();

        start();
        await(() -> store.outage() == null);
        put(KEY, randomPage(SIZE));
        assertThat(read(KEY, page(SIZE))).isEqualTo(LoadResult.DATA);
    }

    @Test
    void aServerThatDiesIsUnavailableAtOnceAndUsedAgainOnceItIsBack() throws Exception {
        RedisServer server = start();
        open("");
        put(KEY, randomPage(SIZE));

        server.kill();
        await(() -> read(KEY, page(SIZE)) == LoadResult.UNAVAILABLE);
        for (int i = 0; i < 100; i++) {
            assertThat(read(KEY, page(SIZE))).isEqualTo(LoadResult.UNAVAILABLE);
        }
        server.start();

        await(() -> read(KEY, page(SIZE)) == LoadResult.ABSENT);
    }

    @Test
    void aServerThatDoesNotAnswerIsUnavailableInTimeAndThenAtOnce() throws Exception {
        RedisServer server = start();
        open("");
        MemorySegment page = randomPage(SIZE);
        put(KEY, page);

        server.freeze();
        assertThat(read(KEY, page(SIZE))).isEqualTo(LoadResult.UNAVAILABLE);
        long beginNs = System.nanoTime();
        for (int i = 0; i < 100; i++) {
            assertThat(read(KEY, page(SIZE))).isEqualTo(LoadResult.UNAVAILABLE);
        }
        Duration hundred = Duration.ofNanos(System.nanoTime() - beginNs);
        assertThat(store.outage()).contains("does not answer");
        server.thaw();

        assertThat(hundred).isLessThan(Duration.ofMillis(20L * TIMEOUT_MS));
        MemorySegment target = page(SIZE);
        await(() -> read(KEY, target) == LoadResult.DATA);
        assertThat(target.mismatch(page)).isEqualTo(-1);
    }

    @Test
    void aWrongPasswordIsSaid() throws Exception {
        start("--requirepass", "right");
        open("wrong");

        awaitOutage("WRONGPASS");
        assertThat(read(KEY, page(SIZE))).isEqualTo(LoadResult.UNAVAILABLE);
    }

    @Test
    void aMissingPasswordIsSaid() throws Exception {
        start("--requirepass", "right");
        open("");

        awaitOutage("NOAUTH");
    }

    /* The client may see the connection closed before it sees why; then the next attempt brings the reason. */
    private void awaitOutage(String reason) throws Exception {
        await(() -> String.valueOf(store.outage()).contains(reason));
    }

    @Test
    void theRightPasswordOpens() throws Exception {
        start("--requirepass", "right");
        open("right");

        put(KEY, randomPage(SIZE));
        assertThat(read(KEY, page(SIZE))).isEqualTo(LoadResult.DATA);
    }

    @Test
    void aFullServerTakesNothingMoreUntilSomethingGoes() throws Exception {
        start("--maxmemory", "8mb");
        open("");
        int stored = 0;
        while (stored < 200 && tryWrite(putOf(new StoreKey(1, stored, 1), randomPage(65536)))) {
            stored++;
        }

        assertThat(stored).isBetween(10, 199);
        assertThat(read(new StoreKey(1, 0, 1), page(65536))).isEqualTo(LoadResult.DATA);
        write(new PageWrites.DropVm(1, ok -> {}));
        await(() -> tryWrite(putOf(KEY, randomPage(65536))));
    }

    @Test
    void aServerThatWouldEvictPagesIsRefused() throws Exception {
        RedisServer server = start("--maxmemory", "8mb", "--maxmemory-policy", "allkeys-lru");
        open("");
        assertThat(store.outage()).contains("maxmemory-policy allkeys-lru would evict pages");
        assertThat(tryWrite(putOf(KEY, randomPage(SIZE)))).isFalse();

        try (RedisClient client = RedisClient.create();
                StatefulRedisConnection<String, String> redis = server.connect(client)) {
            redis.sync().configSet("maxmemory-policy", "noeviction");
        }

        await(() -> tryWrite(putOf(KEY, randomPage(SIZE))));
    }

    @Test
    void aReplicaTakesNoWrites() throws Exception {
        start("--replicaof", "127.0.0.1", Integer.toString(RedisServer.freePort()));
        open("");

        assertThat(tryWrite(putOf(KEY, randomPage(SIZE)))).isFalse();
        assertThat(read(KEY, page(SIZE))).isEqualTo(LoadResult.ABSENT);
    }

    private RedisServer start(String... settings) {
        RedisServer server = RedisServer.start(directory, port, settings);
        servers.add(server);
        return server;
    }

    private void open(String password) {
        store = RedisSwapStore.open(
                (SwapStoreChoice.Redis) SwapStoreChoice.of("redis://127.0.0.1:" + port),
                new RedisProperties("", password, "", 1_000, TIMEOUT_MS, 32 << 20),
                new PlainEnvelope());
    }
}
