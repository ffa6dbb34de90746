// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.peers.pages;

import io.faultline.model.Tier;
import io.faultline.peers.CpuMeter;
import io.faultline.peers.Peer;
import io.faultline.peers.Sample;
import io.faultline.proto.pager.v1.PageReplyKind;
import io.faultline.rpc.Channels;
import io.faultline.rpc.ServiceLoop;
import io.faultline.rpc.page.IncomingPageReplies;
import io.faultline.rpc.page.OutgoingPageRequests;
import io.faultline.rpc.page.PageBatchLimits;
import io.faultline.rpc.page.PageExchange;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Fetches pages over {@code PageService.Exchange} as vcpu-service does: the page codec, one stream, one loop. The caller's
 * thread waits while the loop works.
 */
final class CodecPages implements Peer<PageShape>, AutoCloseable {
    private static final long VM_ID = 1;
    private static final long VERSION = 1;
    private static final long PATIENCE_S = 120;
    private static final int PLACES = PageBatchLimits.PAGES_MAX;
    private static final long STORE_ID = 1L << 32;

    private final String name;
    private final PageSet set;
    private final CpuMeter cpu;
    private final ServiceLoop loop;
    private final ManagedChannel channel;
    private final OutgoingPageRequests requests = new OutgoingPageRequests();
    private final ClientCall<OutgoingPageRequests, IncomingPageReplies> call;
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private Work work = new Work(null);

    CodecPages(String name, String address, PageSet set, ProcessHandle server) {
        this.name = name;
        this.set = set;
        cpu = new CpuMeter().watch("server", server);
        loop = ServiceLoop.start(name);
        channel = Channels.connect(loop, address);
        call = PageExchange.open(channel, CallOptions.DEFAULT);
        loop.execute(() -> {
            call.start(new Replies(), new Metadata());
            call.request(4);
        });
    }

    @Override
    public String name() {
        return name;
    }

    /** Stores every page, and waits until all are kept. */
    void populate() throws Exception {
        Work storing = new Work(null);
        ready.get(PATIENCE_S, TimeUnit.SECONDS);
        loop.execute(() -> {
            work = storing;
            store(storing);
        });
        storing.done.get(PATIENCE_S, TimeUnit.SECONDS);
    }

    @Override
    public Sample run(PageShape shape, long durationNs) throws Exception {
        ready.get(PATIENCE_S, TimeUnit.SECONDS);
        cpu.begin();
        Work fetching = new Work(new PageWindow(shape, set, durationNs));
        loop.execute(() -> {
            work = fetching;
            for (int slot = 0; slot < shape.inFlight(); slot++) {
                fetch(fetching.fetching(), slot, shape.pages());
            }
        });
        fetching.done.get(PATIENCE_S + TimeUnit.NANOSECONDS.toSeconds(durationNs), TimeUnit.SECONDS);
        return fetching.fetching().sample(cpu);
    }

    private void fetch(PageWindow window, int slot, int pages) {
        window.begin(slot);
        for (int i = 0; i < pages; i++) {
            requests.fetch((long) slot * PLACES + i, VM_ID, window.page(slot, i), VERSION, PageSet.PAGE_BYTES);
        }
        send();
    }

    private void store(Work storing) {
        CRC32C crc = new CRC32C();
        while (storing.stored < set.pages() && requests.size() < PLACES) {
            MemorySegment page = storing.bytes.asSlice((long) requests.size() * PageSet.PAGE_BYTES, PageSet.PAGE_BYTES);
            PageSet.fill(storing.stored, page, 0);
            crc.reset();
            crc.update(page.asByteBuffer());
            requests.store(STORE_ID + storing.stored, VM_ID, storing.stored, VERSION, (int) crc.getValue(), page);
            storing.stored++;
        }
        storing.unanswered = requests.size();
        send();
    }

    private void send() {
        call.sendMessage(requests);
        requests.clear();
    }

    @Override
    public void close() {
        channel.shutdownNow();
        loop.close();
    }

    /** What the loop is at: a window of fetches, or else stores. */
    private static final class Work {
        private final @Nullable PageWindow window;
        private final CompletableFuture<Void> done = new CompletableFuture<>();
        private final MemorySegment bytes = Arena.ofAuto().allocate((long) PLACES * PageSet.PAGE_BYTES);
        private long stored;
        private int unanswered;

        Work(@Nullable PageWindow window) {
            this.window = window;
        }

        PageWindow fetching() {
            if (window == null) {
                throw new IllegalStateException("a fetched page (expected: only answers to stores)");
            }
            return window;
        }
    }

    /** What gRPC says. */
    private final class Replies extends ClientCall.Listener<IncomingPageReplies> {
        @Override
        public void onReady() {
            ready.complete(null);
        }

        @Override
        public void onMessage(IncomingPageReplies batch) {
            try (batch) {
                for (int i = 0; i < batch.size(); i++) {
                    take(batch, i);
                }
            } catch (RuntimeException e) {
                work.done.completeExceptionally(e);
            }
            call.request(1);
        }

        private void take(IncomingPageReplies batch, int i) {
            if (batch.kind(i) == PageReplyKind.PAGE_REPLY_KIND_STORED) {
                if (--work.unanswered == 0) {
                    storeMore();
                }
                return;
            }
            if (batch.kind(i) != PageReplyKind.PAGE_REPLY_KIND_DATA || batch.tierCode(i) != Tier.DRAM.code()) {
                throw new IllegalStateException(name + " answered " + batch.kind(i) + " from tier " + batch.tierCode(i)
                        + " (expected: DATA from tier " + Tier.DRAM.code() + ")");
            }
            PageWindow window = work.fetching();
            long offset = window.nextFrame();
            batch.copyPage(i, window.frames(), offset);
            int slot = (int) (batch.requestId(i) / PLACES);
            if (window.arrived(slot, (int) (batch.requestId(i) % PLACES), offset)) {
                if (window.goesOn()) {
                    fetch(window, slot, window.pagesARequest());
                } else if (window.isIdle()) {
                    work.done.complete(null);
                }
            }
        }

        private void storeMore() {
            if (work.stored == set.pages()) {
                work.done.complete(null);
            } else {
                store(work);
            }
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            ready.completeExceptionally(status.asRuntimeException());
            work.done.completeExceptionally(status.asRuntimeException());
        }
    }
}
