// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.grpc;

import com.google.protobuf.ByteString;
import io.faultline.proto.pager.v1.PageOperation;
import io.faultline.proto.pager.v1.PageReply;
import io.faultline.proto.pager.v1.PageReplyBatch;
import io.faultline.proto.pager.v1.PageReplyKind;
import io.faultline.proto.pager.v1.PageRequest;
import io.faultline.proto.pager.v1.PageRequestBatch;
import io.faultline.proto.pager.v1.PageServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;

/** A client of generated code only, for tests: one stream, replies one by one. Any one thread. */
final class PageClient implements StreamObserver<PageReplyBatch> {
    private static final long TIMEOUT_S = 20;

    private final StreamObserver<PageRequestBatch> requests;
    private final LinkedBlockingQueue<PageReply> replies = new LinkedBlockingQueue<>();
    private final Map<Long, ByteString> pages = new HashMap<>();
    private final CompletableFuture<Status> end = new CompletableFuture<>();
    private PageRequestBatch.Builder batch = PageRequestBatch.newBuilder();

    PageClient(ManagedChannel channel) {
        requests = PageServiceGrpc.newStub(channel).exchange(this);
    }

    /** Adds a request without bytes to the open batch. */
    PageClient add(PageOperation operation, long requestId, long gfn, long version) {
        batch.addRequests(request(operation, requestId, gfn, version, 4096));
        return this;
    }

    /** Adds a STORE to the open batch. */
    PageClient addStore(long requestId, long gfn, byte[] page) {
        return addStore(requestId, gfn, page, crc32c(page));
    }

    /** Adds a STORE with a checksum of its own to the open batch. */
    PageClient addStore(long requestId, long gfn, byte[] page, int crc32c) {
        batch.addRequests(request(PageOperation.PAGE_OPERATION_STORE, requestId, gfn, 1, page.length)
                .setCrc32C(crc32c));
        batch.setPages(batch.getPages().concat(ByteString.copyFrom(page)));
        return this;
    }

    static PageRequest.Builder request(PageOperation operation, long requestId, long gfn, long version, int size) {
        return PageRequest.newBuilder()
                .setRequestId(requestId)
                .setOperation(operation)
                .setVmId(PageEndpointIT.VM)
                .setGfn(gfn)
                .setVersion(version)
                .setSizeBytes(size);
    }

    /** Sends the open batch. */
    PageClient send() {
        send(batch.build());
        batch = PageRequestBatch.newBuilder();
        return this;
    }

    void send(PageRequestBatch whole) {
        requests.onNext(whole);
    }

    void complete() {
        requests.onCompleted();
    }

    /** The next reply. */
    PageReply reply() throws InterruptedException {
        PageReply reply = replies.poll(TIMEOUT_S, TimeUnit.SECONDS);
        if (reply == null) {
            throw new AssertionError("no reply in " + TIMEOUT_S + " s; the stream's end: " + end.getNow(null));
        }
        return reply;
    }

    /** The next reply, as "id KIND TIER". */
    String line() throws InterruptedException {
        PageReply reply = reply();
        String kind = reply.getKind().name().substring("PAGE_REPLY_KIND_".length());
        return reply.getRequestId() + " " + kind + " " + reply.getTier().name().substring("TIER_".length());
    }

    /** The bytes that came with a DATA reply. */
    byte[] page(long requestId) {
        synchronized (pages) {
            ByteString page = pages.get(requestId);
            if (page == null) {
                throw new AssertionError("no page came for request " + requestId);
            }
            return page.toByteArray();
        }
    }

    /** How the stream ended. */
    Status end() throws Exception {
        return end.get(TIMEOUT_S, TimeUnit.SECONDS);
    }

    static int crc32c(byte[] page) {
        CRC32C crc = new CRC32C();
        crc.update(page);
        return (int) crc.getValue();
    }

    @Override
    public void onNext(PageReplyBatch whole) {
        int offset = 0;
        for (PageReply reply : whole.getRepliesList()) {
            if (reply.getKind() == PageReplyKind.PAGE_REPLY_KIND_DATA) {
                synchronized (pages) {
                    pages.put(reply.getRequestId(), whole.getPages().substring(offset, offset + reply.getSizeBytes()));
                }
                offset += reply.getSizeBytes();
            }
            replies.add(reply);
        }
    }

    @Override
    public void onError(Throwable error) {
        end.complete(Status.fromThrowable(error));
    }

    @Override
    public void onCompleted() {
        end.complete(Status.OK);
    }
}
