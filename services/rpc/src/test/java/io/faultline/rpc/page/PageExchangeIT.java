// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.MoreExecutors;
import io.faultline.proto.pager.v1.PageOperation;
import io.faultline.proto.pager.v1.PageReplyBatch;
import io.faultline.proto.pager.v1.PageReplyKind;
import io.faultline.proto.pager.v1.PageRequest;
import io.faultline.proto.pager.v1.PageRequestBatch;
import io.faultline.proto.pager.v1.PageServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Both ends of the stream over loopback; the server returns each stored page as DATA. */
class PageExchangeIT {
    private static final int PAGES = 64;
    private static final int SIZE = 4096;

    private final MemorySegment memory = Arena.ofAuto().allocate((long) PAGES * SIZE);
    private final MemorySegment returned = Arena.ofAuto().allocate((long) PAGES * SIZE);
    private Server server;
    private ManagedChannel channel;

    @BeforeEach
    void connect() throws IOException {
        byte[] content = new byte[PAGES * SIZE];
        new Random(7).nextBytes(content);
        MemorySegment.copy(content, 0, memory, ValueLayout.JAVA_BYTE, 0, content.length);
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(PageExchange.bind(new PageServiceGrpc.PageServiceImplBase() {}, (call, headers) -> {
                    call.request(1);
                    return new Echo(call);
                }))
                .build()
                .start();
        channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
                .usePlaintext()
                .disableRetry()
                .build();
    }

    @AfterEach
    void disconnect() throws InterruptedException {
        channel.shutdownNow();
        server.shutdownNow();
        assertThat(server.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void pagesTravelBothWaysUnchanged() throws Exception {
        assertThat(exchangePages().get(20, TimeUnit.SECONDS)).isEqualTo(PAGES);
        assertThat(returned.mismatch(memory)).isEqualTo(-1);
    }

    private CompletableFuture<Integer> exchangePages() {
        CompletableFuture<Integer> done = new CompletableFuture<>();
        ClientCall<OutgoingPageRequests, IncomingPageReplies> call = PageExchange.open(channel, CallOptions.DEFAULT);
        call.start(
                new ClientCall.Listener<>() {
                    private boolean sent;

                    @Override
                    public void onReady() {
                        if (sent) {
                            return;
                        }
                        sent = true;
                        OutgoingPageRequests batch = new OutgoingPageRequests();
                        for (int i = 0; i < PAGES; i++) {
                            batch.store(i, 1, i, 1, 0, memory.asSlice((long) i * SIZE, SIZE));
                        }
                        call.sendMessage(batch);
                        call.halfClose();
                    }

                    @Override
                    public void onMessage(IncomingPageReplies batch) {
                        try (batch) {
                            for (int i = 0; i < batch.size(); i++) {
                                batch.copyPage(i, returned, batch.requestId(i) * SIZE);
                            }
                            done.complete(batch.size());
                        }
                    }

                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        done.completeExceptionally(status.asRuntimeException());
                    }
                },
                new Metadata());
        call.request(2);
        return done;
    }

    @Test
    void anOverLongBatchEndsItsOwnStreamOnly() throws Exception {
        PageRequestBatch.Builder overLong = PageRequestBatch.newBuilder();
        for (int i = 0; i <= PageBatchLimits.DESCRIPTORS_MAX; i++) {
            overLong.addRequests(PageRequest.newBuilder()
                    .setOperation(PageOperation.PAGE_OPERATION_FETCH)
                    .setVmId(1)
                    .setSizeBytes(SIZE));
        }

        Status status = generatedExchange(overLong.build()).get(20, TimeUnit.SECONDS);

        assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(status.getDescription()).contains("over 1024 descriptors");
        assertThat(exchangePages().get(20, TimeUnit.SECONDS)).isEqualTo(PAGES);
    }

    private CompletableFuture<Status> generatedExchange(PageRequestBatch batch) {
        CompletableFuture<Status> closed = new CompletableFuture<>();
        StreamObserver<PageRequestBatch> requests = PageServiceGrpc.newStub(channel)
                .withExecutor(MoreExecutors.directExecutor())
                .exchange(new StreamObserver<PageReplyBatch>() {
                    @Override
                    public void onNext(PageReplyBatch replies) {}

                    @Override
                    public void onError(Throwable cause) {
                        closed.complete(Status.fromThrowable(cause));
                    }

                    @Override
                    public void onCompleted() {
                        closed.complete(Status.OK);
                    }
                });
        requests.onNext(batch);
        return closed;
    }

    /** Answers each STORE with its own bytes. */
    private static final class Echo extends ServerCall.Listener<IncomingPageRequests> {
        private final ServerCall<IncomingPageRequests, OutgoingPageReplies> call;
        private final MemorySegment received = Arena.ofAuto().allocate((long) PAGES * SIZE);
        private boolean headersSent;

        Echo(ServerCall<IncomingPageRequests, OutgoingPageReplies> call) {
            this.call = call;
        }

        @Override
        public void onMessage(IncomingPageRequests batch) {
            OutgoingPageReplies replies = new OutgoingPageReplies();
            try (batch) {
                for (int i = 0; i < batch.size(); i++) {
                    if (batch.hasPage(i)) {
                        batch.copyPage(i, received, (long) i * SIZE);
                        replies.data(batch.requestId(i), 1, batch.crc32c(i), received, (long) i * SIZE, SIZE);
                    } else {
                        replies.reply(batch.requestId(i), PageReplyKind.PAGE_REPLY_KIND_ABSENT, 0);
                    }
                }
            }
            if (!headersSent) {
                headersSent = true;
                call.sendHeaders(new Metadata());
            }
            call.sendMessage(replies);
            call.request(1);
        }

        @Override
        public void onHalfClose() {
            call.close(Status.OK, new Metadata());
        }
    }
}
