// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app;

import com.sun.management.OperatingSystemMXBean;
import io.faultline.proto.pager.v1.PageReplyKind;
import io.faultline.rpc.Channels;
import io.faultline.rpc.ServiceLoop;
import io.faultline.rpc.page.IncomingPageReplies;
import io.faultline.rpc.page.OutgoingPageRequests;
import io.faultline.rpc.page.PageExchange;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;

/**
 * Measures pages fetched over loopback, in one JVM: {@code FetchRate PAGES_A_BATCH BATCHES_IN_FLIGHT SECONDS STORE KEYS},
 * by default 64, 4 and 30, and from DRAM; with a store named, from that swap store, because DRAM then holds one page in
 * 32, and with a key ring file named, sealed by its keys.
 * Prints each second's rate and the CPU time, of client and service together, a page took; take the median of those
 * after the first 20.
 */
public final class FetchRate extends ClientCall.Listener<IncomingPageReplies> {
    private static final int SIZE = 4096;
    /** 256 MiB of pages: more than any cache. */
    private static final int PAGES = 1 << 16;

    private static final int FRAMES = 1 << 14;
    private static final int STORE_BATCH = 64;

    private final int pagesABatch;
    private final int batchesInFlight;
    private final MemorySegment frames = Arena.ofAuto().allocate((long) FRAMES * SIZE);
    private final Random random = new Random(1);
    private final OutgoingPageRequests requests = new OutgoingPageRequests();
    private final ClientCall<OutgoingPageRequests, IncomingPageReplies> call;
    private final CompletableFuture<Status> stored = new CompletableFuture<>();
    private final AtomicLong fetched = new AtomicLong();
    private int storesSent;
    private int storesAnswered;
    private int repliesToBatch;
    private int frame;

    private FetchRate(ManagedChannel channel, int pagesABatch, int batchesInFlight) {
        this.pagesABatch = pagesABatch;
        this.batchesInFlight = batchesInFlight;
        call = PageExchange.open(channel, CallOptions.DEFAULT);
        call.start(this, new Metadata());
        call.request(4);
    }

    /** Runs the measurement. */
    public static void main(String[] args) throws Exception {
        int pagesABatch = args.length > 0 ? Integer.parseInt(args[0]) : 64;
        int batchesInFlight = args.length > 1 ? Integer.parseInt(args[1]) : 4;
        int seconds = args.length > 2 ? Integer.parseInt(args[2]) : 30;
        String store = args.length > 3 ? args[3] : "memory";
        String keyRingFile = args.length > 4 ? args[4] : "";
        int dramBytes = args.length > 3 ? PAGES / 32 * SIZE : 320 << 20;
        try (ConfigurableApplicationContext service = PagerService.start(
                        "--spring.grpc.server.port=0",
                        "--faultline.management.port=-1",
                        "--faultline.pager.store=" + store,
                        "--faultline.pager.key-ring-file=" + keyRingFile,
                        "--faultline.pager.dram-max-bytes=" + dramBytes);
                ServiceLoop loop = ServiceLoop.start("client")) {
            int port = service.getBean(GrpcServerLifecycle.class).getPort();
            ManagedChannel channel = Channels.connect(loop, "127.0.0.1:" + port);
            FetchRate rate = new FetchRate(channel, pagesABatch, batchesInFlight);
            rate.stored.get();
            rate.print(seconds);
            channel.shutdownNow();
        }
    }

    private void print(int seconds) throws InterruptedException {
        var os = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        for (int second = 1; second <= seconds; second++) {
            long before = fetched.get();
            long cpuBeforeNs = os.getProcessCpuTime();
            long startNs = System.nanoTime();
            Thread.sleep(1000);
            double elapsedS = (System.nanoTime() - startNs) / 1e9;
            long pages = fetched.get() - before;
            System.out.printf(
                    "%2d s: %,.0f pages/s, %.2f us of CPU a page%n",
                    second, pages / elapsedS, (os.getProcessCpuTime() - cpuBeforeNs) / 1e3 / pages);
        }
    }

    @Override
    public void onReady() {
        if (storesSent == 0) {
            storeBatch();
        }
    }

    private void storeBatch() {
        byte[] bytes = new byte[SIZE];
        for (int i = 0; i < STORE_BATCH; i++) {
            random.nextBytes(bytes);
            CRC32C crc = new CRC32C();
            crc.update(bytes);
            MemorySegment page = frames.asSlice((long) i * SIZE, SIZE).copyFrom(MemorySegment.ofArray(bytes));
            requests.store(storesSent, 1, storesSent, 1, (int) crc.getValue(), page);
            storesSent++;
        }
        send();
    }

    private void fetchBatch() {
        for (int i = 0; i < pagesABatch; i++) {
            requests.fetch(i, 1, random.nextInt(PAGES), 1, SIZE);
        }
        send();
    }

    private void send() {
        call.sendMessage(requests);
        requests.clear();
    }

    @Override
    public void onMessage(IncomingPageReplies batch) {
        try (batch) {
            for (int i = 0; i < batch.size(); i++) {
                if (batch.kind(i) == PageReplyKind.PAGE_REPLY_KIND_DATA) {
                    frame = (frame + 1) % FRAMES;
                    batch.copyPage(i, frames, (long) frame * SIZE);
                    fetched.lazySet(fetched.get() + 1);
                    repliesToBatch++;
                } else if (batch.kind(i) == PageReplyKind.PAGE_REPLY_KIND_STORED) {
                    storesAnswered++;
                } else {
                    stored.completeExceptionally(new IllegalStateException("reply: " + batch.kind(i)));
                }
            }
        }
        call.request(1);
        if (storesAnswered == storesSent && storesSent < PAGES) {
            storeBatch();
        } else if (storesAnswered == PAGES && stored.complete(Status.OK)) {
            for (int i = 0; i < batchesInFlight; i++) {
                fetchBatch();
            }
        }
        while (repliesToBatch >= pagesABatch) {
            repliesToBatch -= pagesABatch;
            fetchBatch();
        }
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        stored.completeExceptionally(status.asRuntimeException());
    }
}
