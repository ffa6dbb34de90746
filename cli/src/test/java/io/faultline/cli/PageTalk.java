// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import com.google.protobuf.ByteString;
import io.faultline.proto.pager.v1.PageOperation;
import io.faultline.proto.pager.v1.PageReply;
import io.faultline.proto.pager.v1.PageReplyBatch;
import io.faultline.proto.pager.v1.PageReplyKind;
import io.faultline.proto.pager.v1.PageRequest;
import io.faultline.proto.pager.v1.PageRequestBatch;
import io.faultline.proto.pager.v1.PageServiceGrpc;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** An Exchange stream that reads, and counts what it reads; every page's bytes follow from its name. Any thread. */
final class PageTalk {
    static final int PAGE = 4096;
    private static final int BATCH = 64;

    private final Map<PageReplyKind, Integer> replies = new EnumMap<>(PageReplyKind.class);
    private final Map<Long, Long> wanted = new ConcurrentHashMap<>();
    private final StreamObserver<PageRequestBatch> requests;
    private final long vmId;
    private long lastRequest;
    private int wrong;
    private @Nullable Status status;

    PageTalk(Channel channel, long vmId) {
        this.vmId = vmId;
        requests = PageServiceGrpc.newStub(channel).exchange(new Replies());
    }

    /** Asks for pages. */
    void fetch(int firstGfn, int pages) {
        ask(PageOperation.PAGE_OPERATION_FETCH, firstGfn, pages);
    }

    /** Says that pages are not needed. */
    void discard(int firstGfn, int pages) {
        ask(PageOperation.PAGE_OPERATION_DISCARD, firstGfn, pages);
    }

    /** Stores pages, each with its bytes. */
    void store(int firstGfn, int pages) {
        ask(PageOperation.PAGE_OPERATION_STORE, firstGfn, pages);
    }

    private void ask(PageOperation operation, int firstGfn, int pages) {
        for (int from = firstGfn; from < firstGfn + pages; from += BATCH) {
            requests.onNext(batch(operation, from, Math.min(BATCH, firstGfn + pages - from)));
        }
    }

    private PageRequestBatch batch(PageOperation operation, int firstGfn, int pages) {
        PageRequestBatch.Builder batch = PageRequestBatch.newBuilder();
        ByteString bytes = ByteString.EMPTY;
        for (int gfn = firstGfn; gfn < firstGfn + pages; gfn++) {
            PageRequest.Builder request =
                    request(vmId, gfn, ++lastRequest, PAGE).setOperation(operation);
            if (operation == PageOperation.PAGE_OPERATION_STORE) {
                ByteString page = page(gfn, PAGE);
                bytes = bytes.concat(page);
                request.setCrc32C(crc32c(page));
            } else {
                wanted.put(lastRequest, (long) gfn);
            }
            batch.addRequests(request);
        }
        return batch.setPages(bytes).build();
    }

    static PageRequest.Builder request(long vmId, long gfn, long requestId, int sizeBytes) {
        return PageRequest.newBuilder()
                .setOperation(PageOperation.PAGE_OPERATION_FETCH)
                .setRequestId(requestId)
                .setVmId(vmId)
                .setGfn(gfn)
                .setVersion(1)
                .setSizeBytes(sizeBytes);
    }

    /** The bytes of a page: every other one shrinks to less than half. */
    static ByteString page(long gfn, int sizeBytes) {
        byte[] bytes = new byte[sizeBytes];
        new Random(gfn).nextBytes(bytes);
        if (gfn % 2 == 0) {
            ByteBuffer.wrap(bytes).position(sizeBytes / 4).put(new byte[sizeBytes - sizeBytes / 4]);
        }
        return ByteString.copyFrom(bytes);
    }

    static int crc32c(ByteString page) {
        CRC32C crc = new CRC32C();
        crc.update(page.asReadOnlyByteBuffer());
        return (int) crc.getValue();
    }

    /** How many replies of a kind came. */
    synchronized int replies(PageReplyKind kind) {
        return replies.getOrDefault(kind, 0);
    }

    /** How many replies came. */
    synchronized int replies() {
        return replies.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** How many pages did not have their bytes. */
    synchronized int wrong() {
        return wrong;
    }

    /** Forgets the replies so far. */
    synchronized void forget() {
        replies.clear();
    }

    /** Whether the service ended the stream. */
    synchronized boolean hasEnded() {
        return status != null;
    }

    /** How it did. */
    synchronized Status status() {
        return Objects.requireNonNull(status, "the stream stands");
    }

    void end() {
        requests.onCompleted();
    }

    private final class Replies implements StreamObserver<PageReplyBatch> {
        @Override
        public void onNext(PageReplyBatch batch) {
            synchronized (PageTalk.this) {
                int position = 0;
                for (PageReply reply : batch.getRepliesList()) {
                    replies.merge(reply.getKind(), 1, Integer::sum);
                    if (reply.getKind() == PageReplyKind.PAGE_REPLY_KIND_DATA) {
                        ByteString page = batch.getPages().substring(position, position + reply.getSizeBytes());
                        position += reply.getSizeBytes();
                        Long gfn = wanted.remove(reply.getRequestId());
                        wrong += gfn != null && page.equals(page(gfn, reply.getSizeBytes())) ? 0 : 1;
                    }
                }
            }
        }

        @Override
        public void onError(Throwable error) {
            synchronized (PageTalk.this) {
                status = Status.fromThrowable(error);
            }
        }

        @Override
        public void onCompleted() {
            synchronized (PageTalk.this) {
                status = Status.OK;
            }
        }
    }
}
