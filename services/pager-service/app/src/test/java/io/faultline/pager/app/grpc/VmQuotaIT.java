// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.faultline.pager.app.PagerService;
import io.faultline.proto.pager.v1.DropVmRequest;
import io.faultline.proto.pager.v1.PageOperation;
import io.faultline.proto.pager.v1.PageReply;
import io.faultline.proto.pager.v1.PageReplyKind;
import io.faultline.proto.pager.v1.PageRequest;
import io.faultline.proto.pager.v1.PageRequestBatch;
import io.faultline.proto.pager.v1.PageServiceGrpc;
import io.faultline.proto.pager.v1.SetVmQuotaRequest;
import io.faultline.proto.pager.v1.StatsRequest;
import io.faultline.proto.pager.v1.StatsResponse;
import io.faultline.proto.pager.v1.Tier;
import io.faultline.proto.pager.v1.TierStats;
import io.faultline.rpc.Channels;
import io.faultline.rpc.ServiceLoop;
import io.grpc.ManagedChannel;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;

/** Two VMs of one pager, over the wire. */
class VmQuotaIT {
    private static final long HOT = 11;
    private static final long SCAN = 12;
    private static final int DRAM_BYTES = 2 << 20;
    private static final int DRAM_PAGES = DRAM_BYTES >> 12;
    private static final int HOT_PAGES = DRAM_PAGES / 4;
    private static final int BATCH = 16;

    private final ServiceLoop loop = ServiceLoop.start("client");
    private final Random random = new Random(3);
    private ConfigurableApplicationContext service;
    private ManagedChannel channel;
    private PageClient client;
    private long requestId;

    @BeforeEach
    void start() {
        service = PagerService.start(
                "--faultline.pager.store=memory",
                "--faultline.pager.dram-max-bytes=" + DRAM_BYTES,
                "--faultline.pager.dram-policy=lru",
                "--faultline.pager.compressed-max-bytes=0",
                "--spring.grpc.server.port=0",
                "--faultline.management.port=0",
                "--spring.grpc.server.address=127.0.0.1");
        int port = service.getBean(GrpcServerLifecycle.class).getPort();
        channel = Channels.connect(loop, "127.0.0.1:" + port);
        client = new PageClient(channel);
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        service.close();
        loop.close();
    }

    /** LRU, which a scan flushes: what keeps the hot pages is the share alone. */
    @Test
    void aScanOfAHundredTimesItsShareTakesNoneOfAHotNeighboursPages() throws Exception {
        byte[] page = new byte[4096];
        random.nextBytes(page);
        for (int gfn = 0; gfn < HOT_PAGES; gfn++) {
            storeOne(HOT, gfn, page);
        }
        for (int gfn = 0; gfn < 2 * DRAM_PAGES; gfn++) {
            storeOne(SCAN, gfn, page);
        }
        int found = 0;
        int fetches = 0;
        for (int scanned = 0; scanned < 100 * DRAM_PAGES / 2; scanned += BATCH) {
            fetch(SCAN, scanned % (2 * DRAM_PAGES), BATCH);
            found += fetch(HOT, random.nextInt(HOT_PAGES), 1);
            fetches++;
        }

        assertThat(found).as("of %d fetches", fetches).isEqualTo(fetches);
        TierStats hot = dram(HOT);
        assertThat(hot.getEvictions()).isZero();
        assertThat(hot.getShareBytes()).isEqualTo(DRAM_BYTES / 2);
        assertThat(dram(SCAN).getEvictionsAboveShare()).isPositive();
        assertThat(dram(SCAN).getBytes()).isGreaterThan(DRAM_BYTES / 2);
    }

    @Test
    void aQuotaHoldsFromWhenItIsSetUntilItsVmIsDropped() throws Exception {
        byte[] page = new byte[4096];
        random.nextBytes(page);
        PageServiceGrpc.PageServiceBlockingStub pager = PageServiceGrpc.newBlockingStub(channel);
        SetVmQuotaRequest quota = SetVmQuotaRequest.newBuilder()
                .setVmId(SCAN)
                .setWeight(3)
                .setDramMaxBytes(1 << 20)
                .build();
        pager.setVmQuota(quota);
        pager.setVmQuota(quota);
        for (int gfn = 0; gfn < DRAM_PAGES; gfn++) {
            storeOne(SCAN, gfn, page);
        }
        storeOne(HOT, 0, page);

        assertThat(stats(SCAN).getWeight()).isEqualTo(3);
        assertThat(dram(SCAN).getBytes()).isBetween(1L << 19, 1L << 20);
        assertThat(dram(SCAN).getLimitBytes()).isEqualTo(1 << 20);
        assertThat(dram(SCAN).getShareBytes()).isEqualTo(DRAM_BYTES / 4 * 3);
        assertThat(dram(HOT).getShareBytes()).isEqualTo(DRAM_BYTES / 4);

        pager.dropVm(DropVmRequest.newBuilder().setVmId(SCAN).build());

        assertThat(stats(SCAN).getWeight()).isEqualTo(1);
        assertThat(dram(SCAN).getLimitBytes()).isZero();
    }

    @Test
    void aQuotaOutOfRangeIsRefused() {
        PageServiceGrpc.PageServiceBlockingStub pager = PageServiceGrpc.newBlockingStub(channel);

        assertThatThrownBy(() -> pager.setVmQuota(SetVmQuotaRequest.getDefaultInstance()))
                .hasMessageContaining("vm_id: 0 (expected: 1 to 2^63-1)");
        assertThatThrownBy(() -> pager.setVmQuota(SetVmQuotaRequest.newBuilder()
                        .setVmId(1)
                        .setWeight(1001)
                        .build()))
                .hasMessageContaining("weight: 1001 (expected: 1 to 1000)");
        assertThatThrownBy(() -> pager.setVmQuota(SetVmQuotaRequest.newBuilder()
                        .setVmId(1)
                        .setDramMaxBytes(4096)
                        .build()))
                .hasMessageContaining("dram_max_bytes: 4096 (expected: 0 for no limit, or at least 1048576)");
    }

    private void storeOne(long vmId, long gfn, byte[] page) throws InterruptedException {
        PageRequest request = request(PageOperation.PAGE_OPERATION_STORE, vmId, gfn)
                .setCrc32C(PageClient.crc32c(page))
                .build();
        client.send(PageRequestBatch.newBuilder()
                .addRequests(request)
                .setPages(ByteString.copyFrom(page))
                .build());
        assertThat(client.reply().getKind()).isEqualTo(PageReplyKind.PAGE_REPLY_KIND_STORED);
    }

    /** Fetches pages in a row; how many were found in DRAM. */
    private int fetch(long vmId, long firstGfn, int count) throws InterruptedException {
        PageRequestBatch.Builder batch = PageRequestBatch.newBuilder();
        for (int i = 0; i < count; i++) {
            batch.addRequests(request(PageOperation.PAGE_OPERATION_FETCH, vmId, firstGfn + i));
        }
        client.send(batch.build());
        int found = 0;
        for (int i = 0; i < count; i++) {
            PageReply reply = client.reply();
            assertThat(reply.getKind()).isEqualTo(PageReplyKind.PAGE_REPLY_KIND_DATA);
            found += reply.getTier() == Tier.TIER_DRAM ? 1 : 0;
        }
        return found;
    }

    private PageRequest.Builder request(PageOperation operation, long vmId, long gfn) {
        requestId = (requestId + 1) % (4 * BATCH);
        return PageClient.request(operation, requestId, gfn, 1, 4096).setVmId(vmId);
    }

    private TierStats dram(long vmId) {
        return stats(vmId).getTiers(0);
    }

    private StatsResponse stats(long vmId) {
        return PageServiceGrpc.newBlockingStub(channel)
                .stats(StatsRequest.newBuilder().setVmId(vmId).build());
    }
}
