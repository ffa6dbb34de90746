// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import com.google.protobuf.ByteString;
import io.faultline.proto.pager.v1.DropVmRequest;
import io.faultline.proto.pager.v1.DropVmResponse;
import io.faultline.proto.pager.v1.PageOperation;
import io.faultline.proto.pager.v1.PageReply;
import io.faultline.proto.pager.v1.PageReplyBatch;
import io.faultline.proto.pager.v1.PageReplyKind;
import io.faultline.proto.pager.v1.PageRequest;
import io.faultline.proto.pager.v1.PageRequestBatch;
import io.faultline.proto.pager.v1.PageServiceGrpc;
import io.faultline.proto.pager.v1.Tier;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A pager whose fetches wait for a word, and which may have lost its pages. Any thread. */
final class HeldPager extends PageServiceGrpc.PageServiceImplBase {
    private final Map<Name, Page> pages = new HashMap<>();
    private final List<Runnable> held = new ArrayList<>();
    private boolean holding = true;
    private PageReplyKind answer = PageReplyKind.PAGE_REPLY_KIND_DATA;
    private int fetches;

    /** How fetches are answered, those that wait and all to come. */
    synchronized void answer(PageReplyKind kind) {
        answer = kind;
        holding = false;
        held.forEach(Runnable::run);
        held.clear();
    }

    /** How many fetches came. */
    synchronized int fetches() {
        return fetches;
    }

    /** The frame numbers of pages that are stored. */
    synchronized Set<Long> stored() {
        return Set.copyOf(pages.keySet().stream().map(Name::gfn).toList());
    }

    @Override
    public void dropVm(DropVmRequest request, StreamObserver<DropVmResponse> observer) {
        observer.onNext(DropVmResponse.getDefaultInstance());
        observer.onCompleted();
    }

    @Override
    public StreamObserver<PageRequestBatch> exchange(StreamObserver<PageReplyBatch> replies) {
        return new StreamObserver<>() {
            @Override
            public void onNext(PageRequestBatch batch) {
                take(batch, replies);
            }

            @Override
            public void onError(Throwable error) {}

            @Override
            public void onCompleted() {
                replies.onCompleted();
            }
        };
    }

    private synchronized void take(PageRequestBatch batch, StreamObserver<PageReplyBatch> replies) {
        int position = 0;
        for (PageRequest request : batch.getRequestsList()) {
            if (request.getOperation() == PageOperation.PAGE_OPERATION_STORE) {
                ByteString bytes = batch.getPages().substring(position, position + request.getSizeBytes());
                position += request.getSizeBytes();
                pages.put(Name.of(request), new Page(bytes, request.getCrc32C()));
                replies.onNext(
                        batchOf(request, PageReplyKind.PAGE_REPLY_KIND_STORED).build());
            } else if (request.getOperation() == PageOperation.PAGE_OPERATION_FETCH) {
                fetches++;
                held.add(() -> replies.onNext(fetched(request)));
            }
        }
        if (!holding) {
            held.forEach(Runnable::run);
            held.clear();
        }
    }

    private PageReplyBatch fetched(PageRequest request) {
        Page page = pages.get(Name.of(request));
        if (page == null || answer != PageReplyKind.PAGE_REPLY_KIND_DATA) {
            return batchOf(request, page == null ? PageReplyKind.PAGE_REPLY_KIND_ABSENT : answer)
                    .build();
        }
        PageReplyBatch.Builder batch = batchOf(request, PageReplyKind.PAGE_REPLY_KIND_DATA);
        batch.getRepliesBuilder(0)
                .setTier(Tier.TIER_SWAP_STORE)
                .setSizeBytes(page.bytes().size())
                .setCrc32C(page.crc());
        return batch.setPages(page.bytes()).build();
    }

    private static PageReplyBatch.Builder batchOf(PageRequest request, PageReplyKind kind) {
        return PageReplyBatch.newBuilder()
                .addReplies(PageReply.newBuilder()
                        .setRequestId(request.getRequestId())
                        .setKind(kind));
    }

    private record Page(ByteString bytes, int crc) {}

    private record Name(long vmId, long gfn, long version) {
        static Name of(PageRequest request) {
            return new Name(request.getVmId(), request.getGfn(), request.getVersion());
        }
    }
}
