// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.pager.app.PagerService;
import io.faultline.proto.pager.v1.PageOperation;
import io.faultline.proto.pager.v1.PageReply;
import io.faultline.proto.pager.v1.PageReplyKind;
import io.faultline.proto.pager.v1.PageServiceGrpc;
import io.faultline.proto.pager.v1.PolicyMisses;
import io.faultline.proto.pager.v1.RegretStats;
import io.faultline.proto.pager.v1.StatsRequest;
import io.faultline.rpc.Channels;
import io.faultline.rpc.ServiceLoop;
import io.grpc.ManagedChannel;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;

/** The whole service with {@code dram-policy=auto}, over loopback: it switches, tells so, and no page is wrong or lost. */
class AutoPolicyIT {
    private static final int BATCH = 64;
    private static final int BATCHES_MAX = 4000;
    private static final int DRAM_PAGES = 256;

    private final Random random = new Random(1);
    private int stored;

    @Test
    void aWorkingSetThatDriftsMakesTheServiceLeaveItsFirstPolicy() throws Exception {
        try (ServiceLoop loop = ServiceLoop.start("client");
                ConfigurableApplicationContext service = PagerService.start(
                        "--spring.grpc.server.port=0",
                        "--spring.grpc.server.address=127.0.0.1",
                        "--faultline.management.port=-1",
                        "--faultline.pager.store=memory",
                        "--faultline.pager.dram-max-bytes=" + DRAM_PAGES * 4096,
                        "--faultline.pager.dram-policy=auto",
                        "--faultline.pager.shadow-pages=256",
                        "--faultline.pager.compressed-max-bytes=0")) {
            int port = service.getBean(GrpcServerLifecycle.class).getPort();
            ManagedChannel channel = Channels.connect(loop, "127.0.0.1:" + port);
            PageClient client = new PageClient(channel);
            assertThat(regret(channel, 0).getPolicy()).isEqualTo("w-tinylfu");

            int batches = 0;
            while (regret(channel, 0).getSwitches() == 0 && batches < BATCHES_MAX) {
                fetchBatch(client, batches++);
            }
            fetchBatch(client, batches);

            RegretStats all = regret(channel, 0);
            assertThat(all.getSwitches()).as("%d batches", batches).isPositive();
            assertThat(all.getPolicy()).isNotEqualTo("w-tinylfu");
            assertThat(all.getSampledShare()).isBetween(0.12, 0.13);
            assertThat(all.getMisses()).isPositive().isLessThan(all.getFetches());
            assertThat(all.getMissesBest()).isLessThanOrEqualTo(all.getMissesLru());
            assertThat(all.getPoliciesList())
                    .extracting(PolicyMisses::getPolicy)
                    .contains("fifo", all.getBest(), all.getPolicy());
            RegretStats own = regret(channel, PageEndpointIT.VM);
            assertThat(own.getFetches()).isEqualTo(all.getFetches());
            assertThat(own.getMissesLru()).isEqualTo(all.getMissesLru());
            assertThat(regret(channel, PageEndpointIT.VM + 1).getFetches()).isZero();
            channel.shutdownNow();
        }
    }

    private void fetchBatch(PageClient client, int number) throws InterruptedException {
        long[] gfns = new long[BATCH];
        for (int i = 0; i < BATCH; i++) {
            gfns[i] = (number * BATCH + i) / 6 + (long) Math.min(2 * DRAM_PAGES, Math.abs(random.nextGaussian() * 115));
        }
        storeUpTo(client, (number + 1) * BATCH / 6 + 2 * DRAM_PAGES);
        for (int i = 0; i < BATCH; i++) {
            client.add(PageOperation.PAGE_OPERATION_FETCH, i, gfns[i], 1);
        }
        client.send();
        for (int i = 0; i < BATCH; i++) {
            PageReply reply = client.reply();
            assertThat(reply.getKind()).isEqualTo(PageReplyKind.PAGE_REPLY_KIND_DATA);
            assertThat(client.page(reply.getRequestId())).isEqualTo(page(gfns[(int) reply.getRequestId()]));
        }
    }

    private void storeUpTo(PageClient client, int last) throws InterruptedException {
        while (stored <= last) {
            for (int i = 0; i < BATCH; i++) {
                client.addStore(i, stored, page(stored));
                stored++;
            }
            client.send();
            for (int i = 0; i < BATCH; i++) {
                assertThat(client.reply().getKind()).isEqualTo(PageReplyKind.PAGE_REPLY_KIND_STORED);
            }
        }
    }

    private static byte[] page(long gfn) {
        return ByteBuffer.allocate(4096).putLong(2048, gfn + 1).array();
    }

    private static RegretStats regret(ManagedChannel channel, long vmId) {
        return PageServiceGrpc.newBlockingStub(channel)
                .stats(StatsRequest.newBuilder().setVmId(vmId).build())
                .getRegret();
    }
}
