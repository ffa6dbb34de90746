// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.proto.pager.v1.PageServiceGrpc;
import io.faultline.proto.pager.v1.StatsRequest;
import io.faultline.proto.pager.v1.StatsResponse;
import io.faultline.telemetry.Probes;
import io.grpc.BindableService;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;

class RpcConfigurationIT {
    @Test
    void aServiceAnswersOnItsLoopWithHealthAndReflection() throws InterruptedException {
        try (ConfigurableApplicationContext context = start(0);
                ServiceLoop client = ServiceLoop.start("client")) {
            int port = context.getBean(GrpcServerLifecycle.class).getPort();
            ManagedChannel channel = Channels.connect(client, "127.0.0.1:" + port);
            try {
                assertThat(PageServiceGrpc.newBlockingStub(channel)
                                .stats(StatsRequest.getDefaultInstance())
                                .getSwapStore())
                        .isEqualTo("in loop: true");
                assertThat(HealthGrpc.newBlockingStub(channel)
                                .check(HealthCheckRequest.getDefaultInstance())
                                .getStatus())
                        .isEqualTo(ServingStatus.SERVING);
                assertThat(listServices(channel)).contains("faultline.pager.v1.PageService");
            } finally {
                channel.shutdownNow();
            }
        }
    }

    @Test
    void aCallOutlivesTheOneDuringWhichItBegan() {
        try (ConfigurableApplicationContext context = start(0);
                ServiceLoop client = ServiceLoop.start("client");
                Context.CancellableContext served = Context.ROOT.withCancellation()) {
            int port = context.getBean(GrpcServerLifecycle.class).getPort();
            ManagedChannel channel = Channels.connect(client, "127.0.0.1:" + port);
            try {
                served.run(() -> {
                    HealthGrpc.HealthBlockingStub health = HealthGrpc.newBlockingStub(channel);
                    served.cancel(null);
                    assertThat(health.check(HealthCheckRequest.getDefaultInstance())
                                    .getStatus())
                            .isEqualTo(ServingStatus.SERVING);
                });
            } finally {
                channel.shutdownNow();
            }
        }
    }

    @Test
    void aConnectionBeyondTheBoundIsClosedAndOneThatEndsMakesRoom() throws IOException {
        try (ConfigurableApplicationContext context = start(0, "--faultline.rpc.connections-max=1")) {
            int port = context.getBean(GrpcServerLifecycle.class).getPort();
            Socket first = connect(port);
            // The server's settings: it was accepted.
            assertThat(first.getInputStream().read()).isNotNegative();
            try (Socket second = connect(port)) {
                assertThat(second.getInputStream().read()).isNegative();
            }
            assertThat(context.getBean(MeterRegistry.class)
                            .get("faultline.rpc.connections.refused")
                            .functionCounter()
                            .count())
                    .isOne();

            first.close();

            assertThat(anotherIsAccepted(port)).isTrue();
        }
    }

    private static boolean anotherIsAccepted(int port) throws IOException {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (System.nanoTime() < deadlineNs) {
            try (Socket socket = connect(port)) {
                if (socket.getInputStream().read() >= 0) {
                    return true;
                }
            }
        }
        return false;
    }

    private static Socket connect(int port) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(10_000);
        return socket;
    }

    @Test
    void aCallBeyondTheBoundIsRefusedAndOneThatEndsMakesRoom() {
        try (ConfigurableApplicationContext context = start(0, "--faultline.rpc.calls-max=1");
                ServiceLoop client = ServiceLoop.start("client")) {
            int port = context.getBean(GrpcServerLifecycle.class).getPort();
            ManagedChannel channel = Channels.connect(client, "127.0.0.1:" + port);
            Iterator<HealthCheckResponse> watch =
                    HealthGrpc.newBlockingStub(channel).watch(HealthCheckRequest.getDefaultInstance());
            assertThat(watch.next().getStatus()).isEqualTo(ServingStatus.SERVING);

            assertThatThrownBy(() -> PageServiceGrpc.newBlockingStub(channel).stats(StatsRequest.getDefaultInstance()))
                    .isInstanceOf(StatusRuntimeException.class)
                    .hasMessage("RESOURCE_EXHAUSTED: calls: 1 are under way (expected: < 1, faultline.rpc.calls-max)");

            channel.shutdownNow();
            ManagedChannel another = Channels.connect(client, "127.0.0.1:" + port);
            assertThat(isAnswered(another)).isTrue();
            another.shutdownNow();
        }
    }

    private static boolean isAnswered(ManagedChannel channel) {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (System.nanoTime() < deadlineNs) {
            try {
                return !PageServiceGrpc.newBlockingStub(channel)
                        .stats(StatsRequest.getDefaultInstance())
                        .getSwapStore()
                        .isEmpty();
            } catch (StatusRuntimeException refused) {
                assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            }
        }
        return false;
    }

    @Test
    void aServiceIsReadyWhileItsGrpcHealthSaysServing() {
        try (ConfigurableApplicationContext context = start(0)) {
            Probes probes = context.getBean(Probes.class);
            assertThat(probes.isReady()).isTrue();

            context.getBean(HealthStatusManager.class).enterTerminalState();

            assertThat(probes.isReady()).isFalse();
            assertThat(probes.isLive()).isTrue();
        }
    }

    @Test
    void aServiceThatHasStoppedIsNotReady() {
        ConfigurableApplicationContext context = start(0);
        Probes probes = context.getBean(Probes.class);

        context.close();

        assertThat(probes.isReady()).isFalse();
    }

    @Test
    void aPortThatIsTakenFailsTheStartWithASentence() {
        try (ConfigurableApplicationContext context = start(0)) {
            int port = context.getBean(GrpcServerLifecycle.class).getPort();

            assertThatThrownBy(() -> start(port).close())
                    .satisfies(error -> assertThat(new PortInUseAnalyzer().analyze(error))
                            .satisfies(analysis -> assertThat(analysis.getDescription())
                                    .startsWith("The gRPC server cannot listen: Failed to bind to address")
                                    .contains(":" + port)));
        }
    }

    private static String listServices(ManagedChannel channel) throws InterruptedException {
        BlockingQueue<String> answers = new LinkedBlockingQueue<>();
        StreamObserver<ServerReflectionRequest> requests = ServerReflectionGrpc.newStub(channel)
                .serverReflectionInfo(new StreamObserver<>() {
                    @Override
                    public void onNext(ServerReflectionResponse response) {
                        answers.add(response.toString());
                    }

                    @Override
                    public void onError(Throwable error) {
                        answers.add(error.toString());
                    }

                    @Override
                    public void onCompleted() {}
                });
        requests.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
        String answer = answers.poll(10, TimeUnit.SECONDS);
        requests.onCompleted();
        return String.valueOf(answer);
    }

    private static ConfigurableApplicationContext start(int port, String... settings) {
        List<String> arguments =
                new ArrayList<>(List.of("--spring.grpc.server.port=" + port, "--spring.main.banner-mode=off"));
        arguments.addAll(List.of(settings));
        return new SpringApplicationBuilder(Echo.class)
                .web(WebApplicationType.NONE)
                .run(arguments.toArray(String[]::new));
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(RpcConfiguration.class)
    static class Echo {
        @Bean
        BindableService pages(ServiceLoop loop) {
            return new PageServiceGrpc.PageServiceImplBase() {
                @Override
                public void stats(StatsRequest request, StreamObserver<StatsResponse> answer) {
                    answer.onNext(StatsResponse.newBuilder()
                            .setSwapStore("in loop: " + loop.isInLoop())
                            .build());
                    answer.onCompleted();
                }
            };
        }
    }
}
