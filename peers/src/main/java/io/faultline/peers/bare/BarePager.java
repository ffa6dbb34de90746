// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.peers.bare;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.faultline.model.Tier;
import io.faultline.peers.pages.PageSet;
import io.faultline.proto.pager.v1.PageReplyBatch;
import io.faultline.proto.pager.v1.PageReplyKind;
import io.faultline.proto.pager.v1.PageRequest;
import io.faultline.proto.pager.v1.PageRequestBatch;
import io.faultline.proto.pager.v1.PageServiceGrpc;
import io.faultline.rpc.page.IncomingPageRequests;
import io.faultline.rpc.page.OutgoingPageReplies;
import io.faultline.rpc.page.PageBatchLimits;
import io.faultline.rpc.page.PageExchange;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.StreamObserver;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Answers every FETCH with the page of that number out of one block of memory: no names, no tiers, no bounds. Loop thread only. */
final class BarePager {
    private static final int SIZE = PageSet.PAGE_BYTES;
    private static final int STUB_BATCH_BYTES = PageBatchLimits.PAGES_MAX * SIZE;

    private final int pages;
    private final MemorySegment memory;

    BarePager(int pages) {
        this.pages = pages;
        memory = Arena.ofAuto().allocate((long) pages * SIZE);
        for (int page = 0; page < pages; page++) {
            PageSet.fill(page, memory, (long) page * SIZE);
        }
    }

    /** The page service over the services' own page codec. */
    ServerServiceDefinition overCodec() {
        return PageExchange.bind(new PageServiceGrpc.PageServiceImplBase() {}, this::exchange);
    }

    /** The page service over generated messages. */
    ServerServiceDefinition overStub() {
        return new Stub().bindService();
    }

    private long offset(long gfn) {
        return gfn % pages * SIZE;
    }

    private ServerCall.Listener<IncomingPageRequests> exchange(
            ServerCall<IncomingPageRequests, OutgoingPageReplies> call, Metadata headers) {
        OutgoingPageReplies replies = new OutgoingPageReplies();
        call.sendHeaders(new Metadata());
        call.request(1);
        return new ServerCall.Listener<>() {
            @Override
            public void onMessage(IncomingPageRequests requests) {
                try (requests) {
                    for (int i = 0; i < requests.size(); i++) {
                        if (!replies.hasRoomForPage(SIZE)) {
                            send();
                        }
                        replies.data(requests.requestId(i), Tier.DRAM.code(), 0, memory, offset(requests.gfn(i)), SIZE);
                    }
                }
                send();
                call.request(1);
            }

            private void send() {
                call.sendMessage(replies);
                replies.clear();
            }
        };
    }

    /** With what protoc makes. */
    private final class Stub extends PageServiceGrpc.PageServiceImplBase {
        @Override
        public StreamObserver<PageRequestBatch> exchange(StreamObserver<PageReplyBatch> answers) {
            return new StreamObserver<>() {
                @Override
                public void onNext(PageRequestBatch requests) {
                    PageReplyBatch.Builder replies = PageReplyBatch.newBuilder();
                    byte[] bytes = new byte[Math.min(STUB_BATCH_BYTES, requests.getRequestsCount() * SIZE)];
                    int at = 0;
                    for (PageRequest request : requests.getRequestsList()) {
                        MemorySegment.copy(memory, offset(request.getGfn()), MemorySegment.ofArray(bytes), at, SIZE);
                        at += SIZE;
                        replies.addRepliesBuilder()
                                .setRequestId(request.getRequestId())
                                .setKind(PageReplyKind.PAGE_REPLY_KIND_DATA)
                                .setTierValue(Tier.DRAM.code())
                                .setSizeBytes(SIZE);
                    }
                    ByteString block = UnsafeByteOperations.unsafeWrap(bytes);
                    answers.onNext(replies.setPages(block).build());
                }

                @Override
                public void onError(Throwable error) {
                    // The client is gone.
                }

                @Override
                public void onCompleted() {
                    answers.onCompleted();
                }
            };
        }
    }
}
