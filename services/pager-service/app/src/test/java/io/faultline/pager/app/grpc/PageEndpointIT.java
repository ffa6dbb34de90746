// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.pager.app.PagerService;
import io.faultline.proto.pager.v1.DropVmRequest;
import io.faultline.proto.pager.v1.PageOperation;
import io.faultline.proto.pager.v1.PageReply;
import io.faultline.proto.pager.v1.PageRequestBatch;
import io.faultline.proto.pager.v1.PageServiceGrpc;
import io.faultline.proto.pager.v1.StatsRequest;
import io.faultline.proto.pager.v1.StatsResponse;
import io.faultline.proto.pager.v1.Tier;
import io.faultline.rpc.Channels;
import io.faultline.rpc.ServiceLoop;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;

/** The whole service over loopback, with RocksDB below and a client of generated code above. */
class PageEndpointIT {
    static final long VM = 7;
    private static final long GFN = 0x4_2000L;
    private static final PageOperation FETCH = PageOperation.PAGE_OPERATION_FETCH;

    private final Random random = new Random(5);
    private final ServiceLoop loop = ServiceLoop.start("client");

    @TempDir
    Path directory;

    private ConfigurableApplicationContext service;
    private ManagedChannel channel;

    @BeforeEach
    void start() {
        start("--faultline.pager.dram-max-bytes=4194304");
    }

    private void start(String... more) {
        List<String> args = new ArrayList<>(List.of(more));
        args.add("--spring.grpc.server.port=0");
        args.add("--faultline.management.port=0");
        args.add("--spring.grpc.server.address=127.0.0.1");
        args.add("--faultline.pager.rocksdb-directory=" + directory.resolve("pages"));
        service = PagerService.start(args.toArray(String[]::new));
        int port = service.getBean(GrpcServerLifecycle.class).getPort();
        channel = Channels.connect(loop, "127.0.0.1:" + port);
    }

    @AfterEach
    void stop() {
        stopService();
        loop.close();
    }

    private void stopService() {
        channel.shutdownNow();
        service.close();
    }

    @Test
    void aStoredPageIsFetchedFromDram() throws Exception {
        PageClient client = new PageClient(channel);
        byte[] page = randomPage(4096);

        client.addStore(1, GFN, page).send();
        assertThat(client.line()).isEqualTo("1 STORED UNSPECIFIED");
        client.add(FETCH, 2, GFN, 1).send();
        PageReply reply = client.reply();

        assertThat(reply.getTier()).isEqualTo(Tier.TIER_DRAM);
        assertThat(reply.getSizeBytes()).isEqualTo(4096);
        assertThat(reply.getCrc32C()).isEqualTo(PageClient.crc32c(page));
        assertThat(client.page(2)).isEqualTo(page);
    }

    @Test
    void pagesSurviveARestartAndComeFromTheSwapStore() throws Exception {
        byte[] page = randomPage(65536);
        PageClient client = new PageClient(channel);
        client.addStore(1, GFN, page).send();
        client.reply();
        stopService();
        start();

        client = new PageClient(channel);
        client.send(PageRequestBatch.newBuilder()
                .addRequests(PageClient.request(FETCH, 2, GFN, 1, 65536))
                .build());

        assertThat(client.line()).isEqualTo("2 DATA SWAP_STORE");
        assertThat(client.page(2)).isEqualTo(page);
    }

    @Test
    void aServiceThatIsToldToEndAnswersTheStoresInFlightFirst() throws Exception {
        stopService();
        start("--faultline.pager.store-latency-us=300000");
        PageClient client = new PageClient(channel);
        client.addStore(1, GFN, randomPage(4096)).add(FETCH, 2, GFN, 1).send();
        assertThat(client.line()).as("the store is under way").isEqualTo("2 DATA DRAM");

        service.close();

        assertThat(client.line()).isEqualTo("1 STORED UNSPECIFIED");
        assertThat(client.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(client.end().getDescription()).isEqualTo("the pager is shutting down");
    }

    @Test
    void aThousandPagesGoThroughASmallDramTierUnchanged() throws Exception {
        stopService();
        start("--faultline.pager.dram-max-bytes=1048576");
        PageClient client = new PageClient(channel);
        List<byte[]> pages = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            pages.add(randomPage(4096));
            client.addStore(i, GFN + i, pages.get(i)).send();
            assertThat(client.line()).isEqualTo(i + " STORED UNSPECIFIED");
        }

        for (int i = 0; i < 1000; i += 10) {
            for (int k = i; k < i + 10; k++) {
                client.add(FETCH, k, GFN + k, 1);
            }
            client.send();
            for (int k = i; k < i + 10; k++) {
                assertThat(client.line()).contains(" DATA ");
            }
        }

        for (int i = 0; i < 1000; i++) {
            assertThat(client.page(i)).isEqualTo(pages.get(i));
        }
        assertThat(stats().getTiers(2).getFetches()).isGreaterThan(500);
        assertThat(stats().getTiers(0).getEvictions()).isGreaterThan(700);
    }

    @Test
    void pagesThatShrinkComeBackFromTheCompressedTier() throws Exception {
        stopService();
        start(
                "--faultline.pager.dram-max-bytes=1048576",
                "--faultline.pager.dram-policy=fifo",
                "--faultline.pager.compressed-max-bytes=1048576");
        PageClient client = new PageClient(channel);
        byte[] page = new byte[4096];
        for (int i = 0; i < 400; i++) {
            page[i] = 1;
            client.addStore(i, GFN + i, page).send();
            assertThat(client.line()).isEqualTo(i + " STORED UNSPECIFIED");
        }

        client.add(FETCH, 1000, GFN, 1).send();

        assertThat(client.line()).isEqualTo("1000 DATA COMPRESSED");
        page = new byte[4096];
        page[0] = 1;
        assertThat(client.page(1000)).isEqualTo(page);
        assertThat(stats().getTiers(1).getTier()).isEqualTo(Tier.TIER_COMPRESSED);
        assertThat(stats().getTiers(1).getPages()).isGreaterThan(100);
        assertThat(stats().getTiers(1).getBytes()).isLessThan(200 * 512);
        assertThat(stats().getTiers(1).getFetches()).isEqualTo(1);
    }

    @Test
    void aThousandFetchesInOneBatchAreAnsweredEach() throws Exception {
        PageClient client = new PageClient(channel);
        byte[] page = randomPage(4096);
        client.addStore(1, GFN, page).send();
        client.reply();

        for (int i = 0; i < 1024; i++) {
            client.add(FETCH, i, i % 2 == 0 ? GFN : GFN + 1, 1);
        }
        client.send();

        for (int i = 0; i < 1024; i++) {
            long id = client.reply().getRequestId();
            assertThat(id % 2 == 1 || client.page(id).length == 4096).isTrue();
        }
        assertThat(stats().getCoalesced()).isEqualTo(511);
    }

    @Test
    void aPageThatIsNowhereIsAbsent() throws Exception {
        PageClient client = new PageClient(channel);

        client.add(FETCH, 1, GFN, 1).send();

        assertThat(client.line()).isEqualTo("1 ABSENT UNSPECIFIED");
    }

    @Test
    void aPageOfZerosTravelsWithoutBytes() throws Exception {
        PageClient client = new PageClient(channel);

        client.addStore(1, GFN, new byte[16384]).send();
        assertThat(client.line()).isEqualTo("1 STORED UNSPECIFIED");
        client.send(PageRequestBatch.newBuilder()
                .addRequests(PageClient.request(FETCH, 2, GFN, 1, 16384))
                .build());

        assertThat(client.line()).isEqualTo("2 ZERO DRAM");
    }

    @Test
    void bytesThatDoNotMatchTheirChecksumAreNotKept() throws Exception {
        PageClient client = new PageClient(channel);

        client.addStore(1, GFN, randomPage(4096), 99).send();
        assertThat(client.line()).isEqualTo("1 CORRUPT UNSPECIFIED");
        client.add(FETCH, 2, GFN, 1).send();

        assertThat(client.line()).isEqualTo("2 ABSENT UNSPECIFIED");
    }

    @Test
    void aValueThatChangedInTheSwapStoreIsCorrupt() throws Exception {
        PageClient client = new PageClient(channel);
        client.addStore(1, GFN, randomPage(4096)).send();
        client.reply();
        stopService();
        spoilEveryValue();
        start();

        client = new PageClient(channel);
        client.add(FETCH, 2, GFN, 1).send();

        assertThat(client.line()).isEqualTo("2 CORRUPT UNSPECIFIED");
        assertThat(stats().getCorrupt()).isEqualTo(1);
    }

    @Test
    void aDiscardedPageIsGone() throws Exception {
        PageClient client = new PageClient(channel);
        client.addStore(1, GFN, randomPage(4096)).send();
        client.reply();

        client.add(PageOperation.PAGE_OPERATION_DISCARD, 2, GFN, 1).send();
        client.addStore(3, GFN + 1, randomPage(4096)).send();
        assertThat(client.line()).isEqualTo("3 STORED UNSPECIFIED");
        client.add(FETCH, 4, GFN, 1).send();

        assertThat(client.line()).isEqualTo("4 ABSENT UNSPECIFIED");
    }

    @Test
    void aDroppedVmIsGoneFromEveryTier() throws Exception {
        PageClient client = new PageClient(channel);
        client.addStore(1, GFN, randomPage(4096))
                .addStore(2, GFN + 1, randomPage(4096))
                .send();
        client.reply();
        client.reply();

        assertThat(PageServiceGrpc.newBlockingStub(channel)
                        .dropVm(DropVmRequest.newBuilder().setVmId(VM).build())
                        .getPagesDropped())
                .isEqualTo(2);
        client.add(FETCH, 3, GFN, 1).send();

        assertThat(client.line()).isEqualTo("3 ABSENT UNSPECIFIED");
    }

    @Test
    void aPrefetchedPageIsFoundInDram() throws Exception {
        PageClient client = new PageClient(channel);
        client.addStore(1, GFN, randomPage(4096)).send();
        client.reply();
        stopService();
        start();

        client = new PageClient(channel);
        client.add(PageOperation.PAGE_OPERATION_PREFETCH, 2, GFN, 1)
                .add(FETCH, 3, GFN, 1)
                .send();

        assertThat(client.line()).isEqualTo("3 DATA SWAP_STORE");
        assertThat(stats().getPrefetch().getLate()).isEqualTo(1);
    }

    @Test
    void anOverLongBatchEndsItsOwnStreamOnly() throws Exception {
        PageClient bystander = new PageClient(channel);
        bystander.addStore(1, GFN, randomPage(4096)).send();
        bystander.reply();
        PageClient offender = new PageClient(channel);

        for (int i = 0; i <= 1024; i++) {
            offender.add(FETCH, i, GFN, 1);
        }
        offender.send();

        assertThat(offender.end().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        bystander.add(FETCH, 2, GFN, 1).send();
        assertThat(bystander.line()).isEqualTo("2 DATA DRAM");
    }

    @Test
    void moreFetchesThanTheBoundsAreUnavailable() throws Exception {
        stopService();
        start("--faultline.pager.loads-in-flight-max=1", "--faultline.pager.loads-queued-max=2");
        PageClient client = new PageClient(channel);

        for (int i = 0; i < 10; i++) {
            client.add(FETCH, i, GFN + i, 1);
        }
        client.send();
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            lines.add(client.line());
        }

        assertThat(lines).filteredOn(line -> line.contains("UNAVAILABLE")).hasSize(7);
        assertThat(lines).filteredOn(line -> line.contains("ABSENT")).hasSize(3);
    }

    @Test
    void aClientThatIsDoneGetsEveryAnswerFirst() throws Exception {
        PageClient client = new PageClient(channel);

        client.addStore(1, GFN, randomPage(4096))
                .add(FETCH, 2, GFN + 1, 1)
                .send()
                .complete();

        assertThat(List.of(client.line(), client.line()))
                .containsExactlyInAnyOrder("1 STORED UNSPECIFIED", "2 ABSENT UNSPECIFIED");
        assertThat(client.end()).isEqualTo(Status.OK);
    }

    @Test
    void aStoppingPagerEndsItsStreams() throws Exception {
        PageClient client = new PageClient(channel);
        client.add(FETCH, 1, GFN, 1).send();
        client.reply();

        service.close();

        assertThat(client.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    }

    @Test
    void statsAreOfAllVmsOrOfOne() throws Exception {
        PageClient client = new PageClient(channel);
        client.addStore(1, GFN, randomPage(4096)).send();
        client.reply();
        client.add(FETCH, 2, GFN, 1).send();
        client.reply();

        assertThat(stats().getSwapStore()).isEqualTo("rocksdb");
        assertThat(stats().getTiers(0).getFetches()).isEqualTo(1);
        assertThat(stats(VM).getTiers(0).getFetches()).isEqualTo(1);
        assertThat(stats(VM).getTiers(2).getStores()).isEqualTo(1);
        assertThat(stats(VM + 1).getTiers(0).getFetches()).isZero();
    }

    @Test
    void itsMetersAreNamed() {
        MeterRegistry registry = service.getBean(MeterRegistry.class);

        assertThat(registry.get("faultline.pager.fetches")
                        .tags("tier", "dram", "outcome", "found")
                        .functionCounter()
                        .count())
                .isZero();
        assertThat(registry.get("faultline.pager.dram.limit").gauge().value()).isEqualTo(4 << 20);
    }

    private StatsResponse stats() {
        return stats(0);
    }

    private StatsResponse stats(long vmId) {
        return PageServiceGrpc.newBlockingStub(channel)
                .stats(StatsRequest.newBuilder().setVmId(vmId).build());
    }

    private void spoilEveryValue() throws Exception {
        try (Options options = new Options();
                RocksDB db = RocksDB.open(options, directory.resolve("pages").toString());
                var values = db.newIterator()) {
            for (values.seekToFirst(); values.isValid(); values.next()) {
                byte[] value = values.value();
                value[value.length / 2] ^= 1;
                db.put(values.key(), value);
            }
        }
    }

    private byte[] randomPage(int size) {
        byte[] page = new byte[size];
        random.nextBytes(page);
        return page;
    }
}
