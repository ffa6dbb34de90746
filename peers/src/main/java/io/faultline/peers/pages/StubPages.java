// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.peers.pages;

import com.google.protobuf.ByteString;
import io.faultline.peers.CpuMeter;
import io.faultline.peers.Peer;
import io.faultline.peers.Sample;
import io.faultline.proto.pager.v1.PageOperation;
import io.faultline.proto.pager.v1.PageReply;
import io.faultline.proto.pager.v1.PageReplyBatch;
import io.faultline.proto.pager.v1.PageRequestBatch;
import io.faultline.proto.pager.v1.PageServiceGrpc;
import io.faultline.rpc.Channels;
import io.faultline.rpc.ServiceLoop;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Fetches pages over {@code PageService.Exchange} with generated messages and stubs, as anybody would who has only the
 * contract. The caller's thread waits while the loop works.
 */
final class StubPages implements Peer<PageShape>, AutoCloseable {
    private static final long PATIENCE_S = 120;
    private static final int PLACES = 64;

    private final String name;
    private final PageSet set;
    private final CpuMeter cpu;
    private final ServiceLoop loop = ServiceLoop.start("stub");
    private final ManagedChannel channel;
    private final StreamObserver<PageRequestBatch> requests;
    private volatile Work work = new Work(new PageWindow(new PageShape(1, 1), new PageSet(1), 0));

    StubPages(String name, String address, PageSet set, ProcessHandle server) {
        this.name = name;
        this.set = set;
        cpu = new CpuMeter().watch("server", server);
        channel = Channels.connect(loop, address);
        requests = PageServiceGrpc.newStub(channel).exchange(new Replies());
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Sample run(PageShape shape, long durationNs) throws Exception {
        cpu.begin();
        Work fetching = new Work(new PageWindow(shape, set, durationNs));
        loop.execute(() -> {
            work = fetching;
            for (int slot = 0; slot < shape.inFlight(); slot++) {
                fetch(fetching.window, slot);
            }
        });
        fetching.done.get(PATIENCE_S + TimeUnit.NANOSECONDS.toSeconds(durationNs), TimeUnit.SECONDS);
        return fetching.window.sample(cpu);
    }

    private void fetch(PageWindow window, int slot) {
        window.begin(slot);
        PageRequestBatch.Builder batch = PageRequestBatch.newBuilder();
        for (int i = 0; i < window.pagesARequest(); i++) {
            batch.addRequestsBuilder()
                    .setRequestId((long) slot * PLACES + i)
                    .setOperation(PageOperation.PAGE_OPERATION_FETCH)
                    .setVmId(1)
                    .setGfn(window.page(slot, i))
                    .setVersion(1)
                    .setSizeBytes(PageSet.PAGE_BYTES);
        }
        requests.onNext(batch.build());
    }

    @Override
    public void close() {
        channel.shutdownNow();
        loop.close();
    }

    private record Work(PageWindow window, CompletableFuture<Void> done) {
        Work(PageWindow window) {
            this(window, new CompletableFuture<>());
        }
    }

    /** What comes back. */
    private final class Replies implements StreamObserver<PageReplyBatch> {
        @Override
        public void onNext(PageReplyBatch batch) {
            try {
                int at = 0;
                for (PageReply reply : batch.getRepliesList()) {
                    take(reply, batch.getPages(), at);
                    at += reply.getSizeBytes();
                }
            } catch (RuntimeException e) {
                work.done.completeExceptionally(e);
            }
        }

        private void take(PageReply reply, ByteString pages, int at) {
            PageWindow window = work.window;
            long offset = window.nextFrame();
            int size = reply.getSizeBytes();
            pages.substring(at, at + size)
                    .copyTo(window.frames().asSlice(offset, size).asByteBuffer());
            int slot = (int) (reply.getRequestId() / PLACES);
            if (window.arrived(slot, (int) (reply.getRequestId() % PLACES), offset)) {
                if (window.goesOn()) {
                    fetch(window, slot);
                } else if (window.isIdle()) {
                    work.done.complete(null);
                }
            }
        }

        @Override
        public void onError(Throwable error) {
            work.done.completeExceptionally(error);
        }

        @Override
        public void onCompleted() {
            work.done.completeExceptionally(new IllegalStateException("the server ended the stream"));
        }
    }
}
