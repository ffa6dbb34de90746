// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.protobuf.ByteString;
import io.faultline.pager.app.PagerService;
import io.faultline.proto.pager.v1.PageServiceGrpc;
import io.faultline.proto.pager.v1.PageServiceGrpc.PageServiceBlockingStub;
import io.faultline.proto.pager.v1.StatsRequest;
import io.faultline.proto.pager.v1.Tier;
import io.faultline.proto.pager.v1.TierStats;
import io.faultline.proto.vcpu.v1.Memslot;
import io.faultline.proto.vcpu.v1.ReadMemoryRequest;
import io.faultline.proto.vcpu.v1.RegisterVmRequest;
import io.faultline.proto.vcpu.v1.VmSpec;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.ConfigurableApplicationContext;

/** {@code faultline import} from a file, over real gRPC, into a real pager's swap store, and back through the frames. */
class ImportIT {
    private static final int PAGE = WireHost.PAGE;
    private static final long READ_ONLY_GFN = 0x8_0000L;
    private static final int READ_ONLY_PAGES = 100;
    private static final int KINDS = 5;
    private static final int READ_PAGES = 256;
    private static final int LONG_PAGES = 24_000;
    private static final int FETCH_DEADLINE_MS = 60_000;

    @TempDir
    private Path directory;

    private final StringWriter err = new StringWriter();
    private final int pagerPort = Processes.freePort();

    @ParameterizedTest
    @ValueSource(strings = {"rocksdb", "memory"})
    void everyPageOfAnImageComesBackAsItWas(String store) throws Exception {
        byte[] image = image(3_000);
        Path file = Files.write(directory.resolve("image"), image);
        try (ConfigurableApplicationContext _ = pager(store);
                WireHost host = new WireHost("127.0.0.1:" + pagerPort)) {
            register(host, 3_000);

            Path json = directory.resolve("import.json");
            assertThat(runImport(host, file, "--json=" + json))
                    .as(err.toString())
                    .isZero();

            JsonObject result = ReplayJson.read(json);
            assertThat(result.get("pages").getAsLong()).isEqualTo(3_000);
            assertThat(result.get("zero").getAsLong()).isEqualTo(1_000);
            assertThat(result.get("duplicates").getAsLong()).isEqualTo(1_000 - KINDS);
            assertThat(result.get("stored").getAsLong()).isEqualTo(1_000 + KINDS);
            assertThat(result.get("stored_bytes").getAsLong()).isEqualTo((1_000L + KINDS) * PAGE);
            assertThat(storesOf(Tier.TIER_SWAP_STORE)).isEqualTo(1_000 + KINDS);
            requireMemory(host, image);
            assertThat(runImport(host, file))
                    .as("what is there is not replaced")
                    .isEqualTo(1);
            assertThat(err.toString()).contains("gfn 0x42001 of VM 7 holds something already");
        }
    }

    @Test
    void anImportOutlivesARestartOfItsPager() throws Exception {
        byte[] image = new byte[LONG_PAGES * PAGE];
        new Random(3).nextBytes(image);
        Path file = Files.write(directory.resolve("image"), image);
        ConfigurableApplicationContext pager = pager("rocksdb");
        try (WireHost host = new WireHost("127.0.0.1:" + pagerPort)) {
            register(host, LONG_PAGES);
            CompletableFuture<Integer> importing = CompletableFuture.supplyAsync(() -> runImport(host, file));
            WireHost.await(() -> storesOf(Tier.TIER_SWAP_STORE) > 200);

            pager.close();
            assertThat(importing).as("in the middle of things").isNotDone();
            pager = pager("rocksdb");

            assertThat(importing.get(60, TimeUnit.SECONDS)).as(err.toString()).isZero();
            requireMemory(host, image);
        } finally {
            pager.close();
        }
    }

    private int runImport(WireHost host, Path file, String... more) {
        String[] arguments = Arrays.copyOf(
                new String[] {"import", "--vm=" + WireHost.VM, "--image=" + file, "--vcpu=" + host.vcpuAddress()},
                4 + more.length);
        System.arraycopy(more, 0, arguments, 4, more.length);
        return Faultline.commandLine()
                .setOut(new PrintWriter(new StringWriter(), true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }

    private ConfigurableApplicationContext pager(String store) {
        return PagerService.start(
                "--spring.grpc.server.port=" + pagerPort,
                "--spring.grpc.server.address=127.0.0.1",
                "--faultline.management.port=-1",
                "--faultline.pager.dram-max-bytes=" + (1 << 20),
                "--faultline.pager.store=" + store,
                "--faultline.pager.rocksdb-directory=" + directory.resolve("pages"));
    }

    private static void register(WireHost host, int pages) {
        VmSpec.Builder spec = VmSpec.newBuilder()
                .setVmId(WireHost.VM)
                .addMemslots(Memslot.newBuilder()
                        .setSlot(0)
                        .setBaseGfn(WireHost.BASE_GFN)
                        .setPages(pages - READ_ONLY_PAGES))
                .addMemslots(Memslot.newBuilder()
                        .setSlot(1)
                        .setBaseGfn(READ_ONLY_GFN)
                        .setPages(READ_ONLY_PAGES)
                        .setReadOnly(true))
                .addVcpuIds(WireHost.VCPU)
                .setResidentPagesMax(WireHost.RESIDENT)
                .setFetchDeadlineMs(FETCH_DEADLINE_MS)
                .setPageSizeBytes(PAGE);
        assertThat(host.vms()
                        .registerVm(RegisterVmRequest.newBuilder().setSpec(spec).build()))
                .isNotNull();
    }

    /** A third zeros, a third of a few kinds, a third like nothing else. */
    private static byte[] image(int pages) {
        byte[] image = new byte[pages * PAGE];
        new Random(5).nextBytes(image);
        for (int page = 0; page < pages; page++) {
            if (page % 3 < 2) {
                byte fill = (byte) (page % 3 == 0 ? 0 : 1 + page / 3 % KINDS);
                Arrays.fill(image, page * PAGE, (page + 1) * PAGE, fill);
            }
        }
        return image;
    }

    /** Reads every page through the frames, which hold 64 at a time. */
    private static void requireMemory(WireHost host, byte[] image) {
        int writable = image.length / PAGE - READ_ONLY_PAGES;
        requireRange(host, WireHost.BASE_GFN, image, 0, writable);
        requireRange(host, READ_ONLY_GFN, image, writable, READ_ONLY_PAGES);
    }

    private static void requireRange(WireHost host, long gfn, byte[] image, int first, int pages) {
        for (int page = 0; page < pages; page += READ_PAGES) {
            int count = Math.min(READ_PAGES, pages - page);
            ByteString read = host.vms()
                    .readMemory(ReadMemoryRequest.newBuilder()
                            .setVmId(WireHost.VM)
                            .setIpa((gfn + page) * PAGE)
                            .setLengthBytes(count * PAGE)
                            .build())
                    .getData();
            assertThat(read.equals(ByteString.copyFrom(image, (first + page) * PAGE, count * PAGE)))
                    .as("the bytes from page %d on", first + page)
                    .isTrue();
        }
    }

    private long storesOf(Tier tier) {
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", pagerPort)
                .usePlaintext()
                .build();
        try {
            PageServiceBlockingStub pages = PageServiceGrpc.newBlockingStub(channel);
            return pages.stats(StatsRequest.getDefaultInstance()).getTiersList().stream()
                    .filter(stats -> stats.getTier() == tier)
                    .mapToLong(TierStats::getStores)
                    .sum();
        } finally {
            channel.shutdownNow();
        }
    }
}
