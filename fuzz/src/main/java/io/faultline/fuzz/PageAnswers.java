// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.fuzz;

import io.faultline.proto.pager.v1.DropVmRequest;
import io.faultline.proto.pager.v1.PageOperation;
import io.faultline.proto.pager.v1.PageReply;
import io.faultline.proto.pager.v1.PageReplyBatch;
import io.faultline.proto.pager.v1.PageReplyKind;
import io.faultline.proto.pager.v1.SetVmQuotaRequest;
import io.faultline.rpc.page.IncomingPageRequests;
import io.faultline.rpc.page.OutgoingPageReplies;
import io.grpc.ForwardingServerCall;
import io.grpc.ForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32C;

/** Holds what a pager answers to what it was asked. One input; the loop's thread. */
final class PageAnswers implements ServerInterceptor {
    private final Set<Long> vms = new HashSet<>();
    private final Set<Tally> open = new HashSet<>();

    /** Every VM that was named. */
    Set<Long> vms() {
        return vms;
    }

    /** To be asked when nothing is under way: every request of a stream that stands was answered. */
    void requireComplete() {
        open.forEach(Tally::requireComplete);
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        Tally tally = new Tally();
        open.add(tally);
        ServerCall<Q, R> watched = new ForwardingServerCall.SimpleForwardingServerCall<>(call) {
            @Override
            public void sendMessage(R message) {
                if (message instanceof OutgoingPageReplies) {
                    tally.answered(sent(call.getMethodDescriptor().streamResponse(message)));
                }
                super.sendMessage(message);
            }

            @Override
            public void close(Status status, Metadata trailers) {
                open.remove(tally);
                super.close(status, trailers);
            }
        };
        return new ForwardingServerCallListener.SimpleForwardingServerCallListener<>(next.startCall(watched, headers)) {
            @Override
            public void onMessage(Q message) {
                note(message, tally);
                super.onMessage(message);
            }

            @Override
            public void onCancel() {
                open.remove(tally);
                super.onCancel();
            }
        };
    }

    private void note(Object message, Tally tally) {
        switch (message) {
            case IncomingPageRequests batch -> {
                for (int i = 0; i < batch.size(); i++) {
                    name(batch.vmId(i));
                    PageOperation operation = batch.operation(i);
                    if (operation == PageOperation.PAGE_OPERATION_FETCH
                            || operation == PageOperation.PAGE_OPERATION_STORE) {
                        tally.asked(batch.requestId(i));
                    }
                }
            }
            case DropVmRequest drop -> name(drop.getVmId());
            case SetVmQuotaRequest quota -> name(quota.getVmId());
            default -> {}
        }
    }

    private void name(long vmId) {
        if (vmId > 0) {
            vms.add(vmId);
        }
    }

    private static PageReplyBatch sent(InputStream message) {
        try (message) {
            return PageReplyBatch.parseFrom(message);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a stream owes, by request id: a client may use one several times. */
    private static final class Tally {
        private final Map<Long, Integer> owed = new HashMap<>();

        void asked(long requestId) {
            owed.merge(requestId, 1, Integer::sum);
        }

        void answered(PageReplyBatch replies) {
            int at = 0;
            for (PageReply reply : replies.getRepliesList()) {
                if (!owed.containsKey(reply.getRequestId())) {
                    throw new IllegalStateException("answered, and not asked: " + reply);
                }
                owed.computeIfPresent(reply.getRequestId(), (_, count) -> count == 1 ? null : count - 1);
                if (reply.getKind() == PageReplyKind.PAGE_REPLY_KIND_DATA) {
                    CRC32C crc = new CRC32C();
                    crc.update(replies.getPages()
                            .substring(at, at + reply.getSizeBytes())
                            .asReadOnlyByteBuffer());
                    if ((int) crc.getValue() != reply.getCrc32C()) {
                        throw new IllegalStateException("other bytes than their checksum says: " + reply);
                    }
                    at += reply.getSizeBytes();
                }
            }
            if (at != replies.getPages().size()) {
                throw new IllegalStateException(
                        replies.getPages().size() + " bytes of pages (expected: " + at + ", as the replies say)");
            }
        }

        void requireComplete() {
            if (!owed.isEmpty()) {
                throw new IllegalStateException("not answered, by request: " + owed);
            }
        }
    }
}
