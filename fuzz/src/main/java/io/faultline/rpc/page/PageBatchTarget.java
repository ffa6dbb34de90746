// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc.page;

import com.google.protobuf.ByteString;
import io.faultline.fuzz.FuzzTarget;
import io.faultline.proto.pager.v1.PageOperation;
import io.faultline.proto.pager.v1.PageReply;
import io.faultline.proto.pager.v1.PageReplyBatch;
import io.faultline.proto.pager.v1.PageReplyKind;
import io.faultline.proto.pager.v1.PageRequest;
import io.faultline.proto.pager.v1.PageRequestBatch;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * The codec of page batches, requests and replies. What it takes, protobuf's generated code must take too, and read the same; what
 * it refuses, it refuses with INVALID_ARGUMENT.
 */
public final class PageBatchTarget implements FuzzTarget {
    private static final int PAGE_MAX = 65_536;

    private final MemorySegment page = Arena.global().allocate(PAGE_MAX);

    @Override
    public void read(byte[] bytes) throws IOException {
        requests(bytes);
        replies(bytes);
    }

    private void requests(byte[] bytes) throws IOException {
        try (IncomingPageRequests read = new IncomingPageRequests()) {
            if (!isTaken(read, bytes)) {
                return;
            }
            PageRequestBatch expected = PageRequestBatch.parseFrom(bytes);
            requireEqual("requests", read.size(), expected.getRequestsCount());
            int at = 0;
            for (int i = 0; i < read.size(); i++) {
                PageRequest request = expected.getRequests(i);
                requireEqual("request_id", read.requestId(i), request.getRequestId());
                requireEqual("operation", read.operation(i).getNumber(), request.getOperationValue());
                requireEqual("vm_id", read.vmId(i), request.getVmId());
                requireEqual("gfn", read.gfn(i), request.getGfn());
                requireEqual("version", read.version(i), request.getVersion());
                requireEqual("size_bytes", read.sizeBytes(i), request.getSizeBytes());
                at = page(read, i, expected.getPages(), at);
            }
        }
    }

    private void replies(byte[] bytes) throws IOException {
        try (IncomingPageReplies read = new IncomingPageReplies()) {
            if (!isTaken(read, bytes)) {
                return;
            }
            PageReplyBatch expected = PageReplyBatch.parseFrom(bytes);
            requireEqual("replies", read.size(), expected.getRepliesCount());
            int at = 0;
            for (int i = 0; i < read.size(); i++) {
                PageReply reply = expected.getReplies(i);
                requireEqual("request_id", read.requestId(i), reply.getRequestId());
                at = page(read, i, expected.getPages(), at);
            }
        }
    }

    private static boolean isTaken(IncomingPages read, byte[] bytes) {
        try {
            read.parse(new ByteArrayInputStream(bytes));
            return true;
        } catch (StatusRuntimeException refused) {
            if (refused.getStatus().getCode() != Status.Code.INVALID_ARGUMENT) {
                throw refused;
            }
            return false;
        }
    }

    /** Looks at a page's bytes, if there is one; where the next begins. */
    private int page(IncomingPages read, int i, ByteString pages, int at) {
        if (!read.hasPage(i)) {
            return at;
        }
        int end = at + read.sizeBytes(i);
        read.copyPage(i, page, 0);
        byte[] copied = page.asSlice(0, read.sizeBytes(i)).toArray(ValueLayout.JAVA_BYTE);
        if (!pages.substring(at, end).equals(ByteString.copyFrom(copied))) {
            throw new IllegalStateException("page " + i + " has other bytes");
        }
        return end;
    }

    private static void requireEqual(String what, long read, long expected) {
        if (read != expected) {
            throw new IllegalStateException(what + ": " + read + " (expected: " + expected + ")");
        }
    }

    @Override
    public List<byte[]> seeds() {
        PageRequest.Builder request = PageRequest.newBuilder()
                .setRequestId(7)
                .setVmId(1)
                .setGfn(0x4_2000)
                .setVersion(9)
                .setSizeBytes(4096);
        return List.of(
                PageRequestBatch.newBuilder()
                        .addRequests(request.setOperation(PageOperation.PAGE_OPERATION_FETCH))
                        .addRequests(request.setOperation(PageOperation.PAGE_OPERATION_DISCARD))
                        .build()
                        .toByteArray(),
                PageRequestBatch.newBuilder()
                        .addRequests(request.setOperation(PageOperation.PAGE_OPERATION_STORE)
                                .setCrc32C(5))
                        .setPages(ByteString.copyFrom(new byte[4096]))
                        .build()
                        .toByteArray(),
                PageReplyBatch.newBuilder()
                        .addReplies(PageReply.newBuilder()
                                .setRequestId(7)
                                .setKind(PageReplyKind.PAGE_REPLY_KIND_DATA)
                                .setSizeBytes(4096)
                                .setCrc32C(5))
                        .addReplies(
                                PageReply.newBuilder().setRequestId(8).setKind(PageReplyKind.PAGE_REPLY_KIND_ABSENT))
                        .setPages(ByteString.copyFrom(new byte[4096]))
                        .build()
                        .toByteArray());
    }
}
