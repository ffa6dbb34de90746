// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import static io.faultline.proto.pager.v1.PageReplyKind.PAGE_REPLY_KIND_ABSENT;
import static io.faultline.proto.pager.v1.PageReplyKind.PAGE_REPLY_KIND_DATA;
import static io.faultline.proto.pager.v1.PageReplyKind.PAGE_REPLY_KIND_STORED;
import static io.faultline.proto.pager.v1.PageReplyKind.PAGE_REPLY_KIND_UNAVAILABLE;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.faultline.proto.pager.v1.PageOperation;
import io.faultline.proto.pager.v1.PageRequestBatch;
import io.faultline.proto.pager.v1.PageServiceGrpc;
import io.faultline.redis.RedisServer;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every bound of a pager-service with little memory, filled over gRPC by clients that do nothing forbidden, over a Redis that
 * stops and goes on: what is refused, that another client goes on meanwhile, and that all is as before afterwards.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // Set before all tests.
class PagerCapsIT {
    private static final int DRAM_BYTES = 4 << 20;
    private static final int COMPRESSED_BYTES = 128 << 10;
    private static final int LOADS = 64;
    private static final int LOADS_QUEUED = 256;
    private static final int STORES = 256;
    /** So few that every bound has room for them beside another VM's share. */
    private static final int AT_ONCE = STORES / 2;

    private static final int LARGE_AT_ONCE = 16;

    private static final int WAITERS = 4096;
    private static final int DELETES = 64;
    private static final int STREAMS = 32;
    private static final int SLOW_READERS = 8;

    /** The well-behaved client's VM and pages. */
    private static final long BYSTANDER = 1;

    private static final int BYSTANDER_PAGES = 8;

    private RedisServer redis;
    private CappedService pager;
    private PageTalk bystander;

    @BeforeAll
    void start(@TempDir Path directory) {
        redis = RedisServer.start(directory);
        pager = new CappedService(
                directory,
                "pager-service",
                "--faultline.pager.store=redis://" + redis.address(),
                "--faultline.pager.redis.timeout-ms=60000",
                "--faultline.pager.redis.in-flight-max-bytes=67108864",
                "--faultline.pager.dram-max-bytes=" + DRAM_BYTES,
                "--faultline.pager.compressed-max-bytes=" + COMPRESSED_BYTES,
                "--faultline.pager.loads-in-flight-max=" + LOADS,
                "--faultline.pager.loads-queued-max=" + LOADS_QUEUED,
                "--faultline.pager.stores-in-flight-max=" + STORES,
                "--faultline.pager.waiters-max=" + WAITERS,
                "--faultline.pager.deletes-in-flight-max=" + DELETES,
                "--faultline.pager.streams-max=" + STREAMS,
                "--faultline.pager.unsent-max-bytes=8388608");
        bystander = new PageTalk(pager.connect(), BYSTANDER);
        bystander.store(0, BYSTANDER_PAGES);
        WireHost.await(() -> bystander.replies(PAGE_REPLY_KIND_STORED) == BYSTANDER_PAGES);
        useOften();
    }

    /** Used more often than others' pages, its own stay in DRAM. */
    private void useOften() {
        for (int i = 0; i < 8; i++) {
            bystanderGoesOn();
        }
    }

    @AfterAll
    void end() {
        pager.close();
        redis.close();
    }

    @AfterEach
    void allIsAsBefore() {
        redis.thaw();
        pager.disconnectAllButTheFirst();
        for (String gauge : List.of(
                "faultline_pager_loads_in_flight",
                "faultline_pager_loads_queued",
                "faultline_pager_stores_in_flight")) {
            pager.awaitValue(gauge, 0);
        }
        pager.awaitValue("faultline_rpc_streams{stream=\"exchange\"}", 1);
        bystanderGoesOn();
        pager.requireUnharmed();
    }

    /** Its pages come, from wherever they are. */
    private void bystanderGoesOn() {
        bystander.forget();
        bystander.fetch(0, BYSTANDER_PAGES);
        WireHost.await(() -> bystander.replies(PAGE_REPLY_KIND_DATA) == BYSTANDER_PAGES);
        assertThat(bystander.wrong()).isZero();
    }

    private void stopTheStore() {
        useOften();
        redis.freeze();
    }

    @Test
    void theTiersStayBelowTheirCapsAndEveryPageComesBack() {
        int pages = 4 * DRAM_BYTES / PageTalk.PAGE;
        PageTalk client = new PageTalk(pager.connect(), 2);
        for (int stored = 0; stored < pages; stored += AT_ONCE) {
            client.store(stored, AT_ONCE);
            int so = stored + AT_ONCE;
            WireHost.await(() -> client.replies(PAGE_REPLY_KIND_STORED) == so);
        }
        // A scrape may tell what was so a moment ago.
        WireHost.await(() -> pager.value("faultline_pager_dram_used_bytes") >= DRAM_BYTES / 2.0
                && pager.value("faultline_pager_compressed_used_bytes") >= COMPRESSED_BYTES / 2.0);
        Scrape full = pager.scrape();
        assertThat(full.value("faultline_pager_dram_used_bytes")).isBetween(DRAM_BYTES / 2.0, (double) DRAM_BYTES);
        assertThat(full.value("faultline_pager_compressed_used_bytes"))
                .isBetween(COMPRESSED_BYTES / 2.0, (double) COMPRESSED_BYTES);
        assertThat(full.value("faultline_pager_dram_evictions_total{when=\"ahead\"}"))
                .isPositive();
        assertThat(full.value("faultline_pager_compressed_evictions_total")).isPositive();

        for (int fetched = 0; fetched < pages; fetched += AT_ONCE) {
            client.fetch(fetched, AT_ONCE);
            int so = fetched + AT_ONCE;
            WireHost.await(() -> client.replies(PAGE_REPLY_KIND_DATA) == so);
        }
        assertThat(client.wrong()).isZero();
    }

    @Test
    void storesBeyondTheBoundAreUnavailableUntilTheStoreGoesOn() {
        PageTalk client = new PageTalk(pager.connect(), 3);
        stopTheStore();

        client.store(0, 2 * STORES);

        awaitNearly("faultline_pager_stores_in_flight", STORES);
        assertThat(client.replies(PAGE_REPLY_KIND_UNAVAILABLE)).isBetween(STORES, STORES + STORES / 4);
        bystanderGoesOn();
        redis.thaw();
        WireHost.await(() -> client.replies() == 2 * STORES);
        client.forget();
        client.store(STORES, AT_ONCE);
        WireHost.await(() -> client.replies(PAGE_REPLY_KIND_STORED) == AT_ONCE);
    }

    /* The last eighth of a bound is for VMs below their share of it. */
    private void awaitNearly(String gauge, int bound) {
        WireHost.await(() -> pager.value(gauge) >= 0.75 * bound);
        assertThat(pager.value(gauge)).isLessThanOrEqualTo(bound);
    }

    @Test
    void loadsQueueUpToTheirBoundAndAreUnavailableBeyondIt() {
        PageTalk client = new PageTalk(pager.connect(), 4);
        stopTheStore();

        client.fetch(0, LOADS + LOADS_QUEUED + 500);

        WireHost.await(() -> client.replies(PAGE_REPLY_KIND_UNAVAILABLE) >= 500);
        pager.awaitValue("faultline_pager_loads_in_flight", LOADS);
        awaitNearly("faultline_pager_loads_queued", LOADS_QUEUED);
        bystanderGoesOn();
        redis.thaw();
        WireHost.await(() -> client.replies() == LOADS + LOADS_QUEUED + 500);
        assertThat(client.replies(PAGE_REPLY_KIND_ABSENT)).isGreaterThan(LOADS);
    }

    @Test
    void requestsThatWaitAreBounded() {
        PageTalk client = new PageTalk(pager.connect(), 5);
        stopTheStore();

        for (int i = 0; i < WAITERS + 100; i++) {
            client.fetch(7, 1);
        }

        WireHost.await(() -> client.replies(PAGE_REPLY_KIND_UNAVAILABLE) >= 100);
        bystanderGoesOn();
        redis.thaw();
        WireHost.await(() -> client.replies() == WAITERS + 100);
        assertThat(client.replies(PAGE_REPLY_KIND_ABSENT)).isBetween(3 * WAITERS / 4, WAITERS);
    }

    @Test
    void discardsBeyondTheBoundAreDroppedAndCounted() {
        PageTalk client = new PageTalk(pager.connect(), 6);
        double dropped = pager.value("faultline_pager_deletes_dropped_total");
        stopTheStore();

        client.discard(0, DELETES + 100);

        pager.awaitValue("faultline_pager_deletes_dropped_total", dropped + 100);
        bystanderGoesOn();
    }

    @Test
    void oneMoreStreamIsRefused() {
        ManagedChannel channel = pager.connect();
        for (int i = 1; i < STREAMS; i++) {
            PageTalk _ = new PageTalk(channel, 7);
        }
        pager.awaitValue("faultline_rpc_streams{stream=\"exchange\"}", STREAMS);

        PageTalk refused = new PageTalk(channel, 7);

        WireHost.await(refused::hasEnded);
        assertThat(refused.status().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(refused.status().getDescription()).contains("faultline.pager.streams-max");
        bystanderGoesOn();
    }

    @Test
    void aClientThatNeverReadsItsRepliesIsNotReadEither() {
        PageRequestBatch batch = fetches(BYSTANDER, BYSTANDER_PAGES, 8, PageTalk.PAGE);
        for (int i = 0; i < SLOW_READERS; i++) {
            UnreadCall<PageRequestBatch> call = UnreadCall.open(pager.connect(), PageServiceGrpc.getExchangeMethod());

            assertThat(call.push(batch, 20_000)).isLessThan(20_000);
            pager.requireUnharmed();
        }
        assertThat(pager.value("faultline_pager_replies_unsent_bytes")).isPositive();
        bystanderGoesOn();
        pager.disconnectAllButTheFirst();
        pager.awaitValue("faultline_pager_replies_unsent_bytes", 0);
    }

    @Test
    void pagesThatComeLateForClientsThatNeverReadAreWithheld() {
        int large = 64 << 10;
        int pages = 48;
        String written = "faultline_pager_store_write_seconds_count{outcome=\"stored\"}";
        double before = pager.value(written);
        UnreadCall<PageRequestBatch> stores = UnreadCall.open(pager.connect(), PageServiceGrpc.getExchangeMethod());
        for (int gfn = 0; gfn < 3 * pages; gfn++) {
            ByteString page = PageTalk.page(2L * gfn + 1, large);
            PageRequestBatch batch = PageRequestBatch.newBuilder()
                    .addRequests(PageTalk.request(8, gfn, gfn, large)
                            .setOperation(PageOperation.PAGE_OPERATION_STORE)
                            .setCrc32C(PageTalk.crc32c(page)))
                    .setPages(page)
                    .build();
            assertThat(stores.push(batch, 1)).isOne();
            // So few at a time that DRAM has room for all that are on their way to the store.
            if ((gfn + 1) % LARGE_AT_ONCE == 0) {
                double soFar = before + gfn + 1;
                WireHost.await(() -> pager.value(written) >= soFar);
            }
        }
        stopTheStore();
        PageRequestBatch batch = fetches(8, pages, 1, large);
        for (int i = 2; i < STREAMS; i++) {
            UnreadCall<PageRequestBatch> call = UnreadCall.open(pager.connect(), PageServiceGrpc.getExchangeMethod());
            assertThat(call.push(batch, 1)).isOne();
        }

        redis.thaw();

        WireHost.await(() -> pager.value("faultline_pager_replies_withheld_total") > 0);
        pager.awaitValue("faultline_pager_loads_in_flight", 0);
        pager.requireUnharmed();
        bystanderGoesOn();
    }

    private static PageRequestBatch fetches(long vmId, int pages, int times, int sizeBytes) {
        PageRequestBatch.Builder batch = PageRequestBatch.newBuilder();
        for (int i = 0; i < pages * times; i++) {
            batch.addRequests(PageTalk.request(vmId, i % pages, i, sizeBytes));
        }
        return batch.build();
    }
}
