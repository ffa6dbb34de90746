// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.faultline.proto.pager.v1.PageServiceGrpc;
import io.faultline.proto.pager.v1.StatsRequest;
import io.faultline.proto.pager.v1.StatsResponse;
import io.faultline.proto.vcpu.v1.Fault;
import io.faultline.proto.vcpu.v1.FaultBatch;
import io.faultline.proto.vcpu.v1.FaultServiceGrpc;
import io.faultline.proto.vcpu.v1.Outcome;
import io.faultline.proto.vcpu.v1.OutcomeBatch;
import io.grpc.Attributes;
import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;

/** One client beyond each of its limits, beside another that comes from another address of loopback. */
class ClientLimitsIT {
    private static final String GREEDY = "127.0.0.2";
    private static final String OTHER = "127.0.0.3";

    private final List<ManagedChannel> channels = new ArrayList<>();

    @AfterEach
    void disconnect() {
        channels.forEach(ManagedChannel::shutdownNow);
    }

    @Test
    void aClientsConnectionsAreBoundedAndOthersAreLetIn() throws IOException {
        try (ConfigurableApplicationContext service = start("--faultline.rpc.client.connections-max=2")) {
            List<Socket> sockets =
                    List.of(connect(service, GREEDY), connect(service, GREEDY), connect(service, GREEDY));

            assertThat(sockets.get(1).getInputStream().read()).isNotNegative();
            assertThat(sockets.get(2).getInputStream().read()).isNegative();
            assertThat(isAnswered(channel(service, OTHER))).isTrue();
            assertThat(refusals(service, "connections")).isEqualTo(1);

            for (Socket socket : sockets) {
                socket.close();
            }
            await(() -> isAnswered(channel(service, GREEDY)));
        }
    }

    private static Socket connect(ConfigurableApplicationContext service, String from) throws IOException {
        Socket socket = new Socket();
        socket.bind(new InetSocketAddress(from, 0));
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port(service)));
        socket.setSoTimeout(10_000);
        return socket;
    }

    @Test
    void aClientsStreamsAreBoundedOverAllItsConnectionsAndOneThatEndsMakesRoom() {
        try (ConfigurableApplicationContext service = start("--faultline.rpc.client.streams-max=2")) {
            Outcomes first = raise(channel(service, GREEDY), 1);
            Outcomes second = raise(channel(service, GREEDY), 1);
            await(() -> first.outcomes() == 1 && second.outcomes() == 1);

            Outcomes third = raise(channel(service, GREEDY), 1);

            assertThat(third.status())
                    .hasToString("RESOURCE_EXHAUSTED: streams of client 127.0.0.2: 2 are open (expected: < 2,"
                            + " faultline.rpc.client.streams-max)");
            Outcomes others = raise(channel(service, OTHER), 1);
            await(() -> others.outcomes() == 1);
            assertThat(refusals(service, "streams")).isEqualTo(1);

            first.end();
            assertThat(first.status()).isEqualTo("OK");
            Outcomes again = raise(channel(service, GREEDY), 1);
            await(() -> again.outcomes() == 1);
        }
    }

    @Test
    void aClientsCallsUnderWayAreBoundedAndCountedAsRefused() {
        try (ConfigurableApplicationContext service = start("--faultline.rpc.client.calls-max=2")) {
            ManagedChannel channel = channel(service, GREEDY);
            List<ClientCall<StatsRequest, StatsResponse>> silent = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                silent.add(headersOnly(channel, new CompletableFuture<>()));
            }

            assertThat(stats(channel))
                    .isEqualTo("RESOURCE_EXHAUSTED: calls of client 127.0.0.2: 2 are under way (expected: < 2,"
                            + " faultline.rpc.client.calls-max)");
            assertThat(isAnswered(channel(service, OTHER))).isTrue();
            assertThat(refusals(service, "calls")).isEqualTo(1);
            assertThat(service.getBean(MeterRegistry.class)
                            .get("faultline.rpc.calls")
                            .tag("code", "RESOURCE_EXHAUSTED")
                            .counter()
                            .count())
                    .isEqualTo(1);

            silent.forEach(call -> call.cancel("done", null));
            await(() -> isAnswered(channel));
        }
    }

    @Test
    void aClientsCallsASecondAreBounded() {
        try (ConfigurableApplicationContext service = start("--faultline.rpc.client.calls-per-s=5")) {
            ManagedChannel channel = channel(service, GREEDY);
            int answered = 0;
            while (answered < 100 && isAnswered(channel)) {
                answered++;
            }

            assertThat(answered).isBetween(5, 10);
            assertThat(stats(channel))
                    .isEqualTo("RESOURCE_EXHAUSTED: calls of client 127.0.0.2: too many a second (expected: at most 5,"
                            + " faultline.rpc.client.calls-per-s)");
            assertThat(isAnswered(channel(service, OTHER))).isTrue();
            assertThat(refusals(service, "call_rate")).isPositive();
            await(() -> isAnswered(channel));
        }
    }

    @Test
    void recordsBeyondAClientsRateWaitAndAllAreAnswered() {
        try (ConfigurableApplicationContext service = start("--faultline.rpc.client.records-per-s=1000")) {
            ManagedChannel channel = channel(service, GREEDY);
            assertThat(isAnswered(channel)).isTrue();
            long beginNs = System.nanoTime();

            Outcomes greedy = raise(channel, 3_000);
            Outcomes others = raise(channel(service, OTHER), 500);

            await(() -> others.outcomes() == 500);
            assertThat(greedy.outcomes()).isLessThan(3_000);
            await(() -> greedy.outcomes() == 3_000);
            // The first second's worth comes at once, and the last batch is let in on credit.
            assertThat(System.nanoTime() - beginNs).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(1_800));
            assertThat(refusals(service, "record_rate")).isPositive();
        }
    }

    @Test
    void aCallWhoseRequestDoesNotComeIsEnded() {
        try (ConfigurableApplicationContext service = start("--faultline.rpc.client.request-timeout-ms=200")) {
            CompletableFuture<String> end = new CompletableFuture<>();
            ManagedChannel channel = channel(service, GREEDY);
            headersOnly(channel, end);
            // gRPC keeps a call's headers back until there is something to send with them.
            assertThat(isAnswered(channel)).isTrue();

            assertThat(value(end))
                    .isEqualTo("DEADLINE_EXCEEDED: request: not here 200 ms after the call's headers"
                            + " (expected: sooner, faultline.rpc.client.request-timeout-ms)");
            assertThat(refusals(service, "request_time")).isEqualTo(1);
        }
    }

    @Test
    void aHandlerKnowsWhoseCallItHandles() {
        try (ConfigurableApplicationContext service = start()) {
            assertThat(stats(channel(service, GREEDY))).isEqualTo(GREEDY);
            assertThat(stats(channel(service, OTHER))).isEqualTo(OTHER);
            Outcomes outcomes = raise(channel(service, OTHER), 1);
            await(() -> outcomes.outcomes() == 1);
            assertThat(outcomes.raisedBy()).isEqualTo(OTHER);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            faultline.pager.v1.PageService/Stats  | INVALID_ARGUMENT: message: malformed: While parsing a protocol message
            faultline.vcpu.v1.FaultService/Raise  | INVALID_ARGUMENT: message: malformed: While parsing a protocol message
            """)
    void aClientIsToldWhatIsWrongWithAMessageThatIsNone(String method, String status) {
        try (ConfigurableApplicationContext service = start()) {
            assertThat(bytes(channel(service, GREEDY), method, new byte[] {0x0a, 0x7f, 1}, null))
                    .startsWith(status);
            assertThat(isAnswered(channel(service, GREEDY))).isTrue();
        }
    }

    @Test
    void aMessageThatUnfoldsBeyondTheLargestIsRefusedAsSuch() {
        byte[] zeros = StatsRequest.newBuilder()
                .setUnknownFields(UnknownFieldSet.newBuilder()
                        .addField(
                                15,
                                UnknownFieldSet.Field.newBuilder()
                                        .addLengthDelimited(ByteString.copyFrom(new byte[16 << 20]))
                                        .build())
                        .build())
                .build()
                .toByteArray();
        try (ConfigurableApplicationContext service = start()) {
            assertThat(bytes(channel(service, GREEDY), "faultline.pager.v1.PageService/Stats", zeros, "gzip"))
                    .startsWith("RESOURCE_EXHAUSTED: ")
                    .contains("exceeds maximum size 2097152");
        }
    }

    /** How a call ends whose message these bytes are. */
    private static String bytes(ManagedChannel channel, String method, byte[] message, @Nullable String compressor) {
        CompletableFuture<String> end = new CompletableFuture<>();
        MethodDescriptor<byte[], byte[]> raw = MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                .setFullMethodName(method)
                .setRequestMarshaller(new Bytes())
                .setResponseMarshaller(new Bytes())
                .build();
        ClientCall<byte[], byte[]> call = channel.newCall(
                raw, compressor == null ? CallOptions.DEFAULT : CallOptions.DEFAULT.withCompression(compressor));
        call.start(telling(end), new Metadata());
        call.request(1);
        call.setMessageCompression(compressor != null);
        call.sendMessage(message);
        call.halfClose();
        return value(end);
    }

    private static <R> ClientCall.Listener<R> telling(CompletableFuture<String> end) {
        return new ClientCall.Listener<>() {
            @Override
            public void onClose(Status status, Metadata trailers) {
                end.complete(Statuses.describe(status));
            }
        };
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] bytes) {
            return new ByteArrayInputStream(bytes);
        }

        @Override
        public byte[] parse(InputStream stream) {
            throw new UnsupportedOperationException("nothing is answered");
        }
    }

    private static double refusals(ConfigurableApplicationContext service, String limit) {
        return service.getBean(MeterRegistry.class)
                .get("faultline.rpc.client.refusals")
                .tag("limit", limit)
                .functionCounter()
                .count();
    }

    private static boolean isAnswered(ManagedChannel channel) {
        return stats(channel).startsWith("127.");
    }

    /** Whose call it was, as the service saw it; or how it ended. */
    private static String stats(ManagedChannel channel) {
        CompletableFuture<String> answer = new CompletableFuture<>();
        PageServiceGrpc.newStub(channel).stats(StatsRequest.getDefaultInstance(), new StreamObserver<>() {
            @Override
            public void onNext(StatsResponse response) {
                answer.complete(response.getSwapStore());
            }

            @Override
            public void onError(Throwable error) {
                answer.complete(Statuses.describe(Status.fromThrowable(error)));
            }

            @Override
            public void onCompleted() {}
        });
        return value(answer);
    }

    /** A call that begins, and sends nothing. */
    private static ClientCall<StatsRequest, StatsResponse> headersOnly(
            ManagedChannel channel, CompletableFuture<String> end) {
        MethodDescriptor<StatsRequest, StatsResponse> method = PageServiceGrpc.getStatsMethod();
        ClientCall<StatsRequest, StatsResponse> call = channel.newCall(method, CallOptions.DEFAULT);
        call.start(telling(end), new Metadata());
        call.request(1);
        return call;
    }

    private static Outcomes raise(ManagedChannel channel, int faults) {
        Outcomes outcomes = new Outcomes();
        outcomes.faults = FaultServiceGrpc.newStub(channel).raise(outcomes);
        for (int left = faults; left > 0; left -= 100) {
            FaultBatch.Builder batch = FaultBatch.newBuilder();
            for (int i = 0; i < Math.min(100, left); i++) {
                batch.addFaults(Fault.newBuilder().setSequence(i));
            }
            outcomes.faults.onNext(batch.build());
        }
        return outcomes;
    }

    private static String value(CompletableFuture<String> future) {
        try {
            return future.get(20, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    private static void await(BooleanSupplier condition) {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadlineNs) {
                throw new AssertionError("not so within 20 s");
            }
            Thread.onSpinWait();
        }
    }

    private ManagedChannel channel(ConfigurableApplicationContext service, String from) {
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", port(service))
                .localSocketPicker(new NettyChannelBuilder.LocalSocketPicker() {
                    @Override
                    public SocketAddress createSocketAddress(SocketAddress remote, Attributes attributes) {
                        return new InetSocketAddress(from, 0);
                    }
                })
                .usePlaintext()
                .build();
        channels.add(channel);
        return channel;
    }

    private static int port(ConfigurableApplicationContext service) {
        return service.getBean(GrpcServerLifecycle.class).getPort();
    }

    private static ConfigurableApplicationContext start(String... settings) {
        List<String> arguments = new ArrayList<>(List.of(
                "--spring.grpc.server.port=0",
                "--spring.grpc.server.shutdown.grace-period=10ms",
                "--spring.main.banner-mode=off"));
        arguments.addAll(List.of(settings));
        return new SpringApplicationBuilder(Service.class)
                .web(WebApplicationType.NONE)
                .run(arguments.toArray(String[]::new));
    }

    /** The ends of a stream's faults. Any thread. */
    private static final class Outcomes implements StreamObserver<OutcomeBatch> {
        private final CompletableFuture<String> end = new CompletableFuture<>();
        private @Nullable StreamObserver<FaultBatch> faults;
        private final AtomicInteger outcomes = new AtomicInteger();
        private volatile String raisedBy = "";

        int outcomes() {
            return outcomes.get();
        }

        String raisedBy() {
            return raisedBy;
        }

        String status() {
            return value(end);
        }

        void end() {
            Objects.requireNonNull(faults).onCompleted();
        }

        @Override
        public void onNext(OutcomeBatch batch) {
            raisedBy = batch.getOutcomes(0).getDetail();
            outcomes.addAndGet(batch.getOutcomesCount());
        }

        @Override
        public void onError(Throwable error) {
            end.complete(Statuses.describe(Status.fromThrowable(error)));
        }

        @Override
        public void onCompleted() {
            end.complete("OK");
        }
    }

    /** Answers with the name of the client. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(RpcConfiguration.class)
    static class Service {
        @Bean
        StreamMeters streamMeters() {
            return new StreamMeters(StreamKind.RAISE);
        }

        @Bean
        BindableService pages() {
            return new PageServiceGrpc.PageServiceImplBase() {
                @Override
                public void stats(StatsRequest request, StreamObserver<StatsResponse> answer) {
                    answer.onNext(StatsResponse.newBuilder()
                            .setSwapStore(Client.current().name())
                            .build());
                    answer.onCompleted();
                }
            };
        }

        @Bean
        BindableService faults() {
            return new FaultServiceGrpc.FaultServiceImplBase() {
                @Override
                public StreamObserver<FaultBatch> raise(StreamObserver<OutcomeBatch> outcomes) {
                    String client = Client.current().name();
                    return new StreamObserver<>() {
                        @Override
                        public void onNext(FaultBatch batch) {
                            OutcomeBatch.Builder answer = OutcomeBatch.newBuilder();
                            batch.getFaultsList()
                                    .forEach(fault -> answer.addOutcomes(Outcome.newBuilder()
                                            .setSequence(fault.getSequence())
                                            .setDetail(client)));
                            outcomes.onNext(answer.build());
                        }

                        @Override
                        public void onError(Throwable error) {}

                        @Override
                        public void onCompleted() {
                            outcomes.onCompleted();
                        }
                    };
                }
            };
        }
    }
}
