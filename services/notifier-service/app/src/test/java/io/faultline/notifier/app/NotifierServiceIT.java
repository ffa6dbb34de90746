// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.app;

import static io.faultline.notifier.app.grpc.Messages.acknowledge;
import static io.faultline.notifier.app.grpc.Messages.calls;
import static io.faultline.notifier.app.grpc.Messages.clear;
import static io.faultline.notifier.app.grpc.Messages.comeUp;
import static io.faultline.notifier.app.grpc.Messages.command;
import static io.faultline.notifier.app.grpc.Messages.commands;
import static io.faultline.notifier.app.grpc.Messages.events;
import static io.faultline.notifier.app.grpc.Messages.verdicts;
import static io.faultline.proto.notifier.v1.NotifyKind.NOTIFY_KIND_ARM;
import static io.faultline.proto.notifier.v1.NotifyKind.NOTIFY_KIND_CREATE;
import static io.faultline.proto.notifier.v1.NotifyKind.NOTIFY_KIND_PUBLISH;
import static io.faultline.proto.notifier.v1.NotifyKind.NOTIFY_KIND_WAKE_ALL;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.proto.notifier.v1.GuestBatch;
import io.faultline.proto.notifier.v1.GuestServiceGrpc;
import io.faultline.proto.notifier.v1.HostBatch;
import io.faultline.proto.notifier.v1.NotificationServiceGrpc;
import io.faultline.proto.notifier.v1.NotifyBatch;
import io.faultline.proto.notifier.v1.VerdictBatch;
import io.faultline.rpc.Channels;
import io.faultline.rpc.ServiceLoop;
import io.grpc.ManagedChannel;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;

/** The service as a process would run it, over a socket. */
class NotifierServiceIT {
    private static final long PATIENCE_S = 20;

    private final ConfigurableApplicationContext service = NotifierService.start(
            "--spring.grpc.server.port=0",
            "--faultline.management.port=0",
            "--spring.grpc.server.address=127.0.0.1",
            "--faultline.audit.enabled=false",
            "--faultline.notifier.owner-away-max-ms=200");
    private final ServiceLoop loop = ServiceLoop.start("client");
    private final ManagedChannel channel = Channels.connect(
            loop, "127.0.0.1:" + service.getBean(GrpcServerLifecycle.class).getPort());

    private final Answers<VerdictBatch> verdicts = new Answers<>(batch -> verdicts(batch.getVerdictsList()));
    private final Answers<HostBatch> events = new Answers<>(batch -> events(batch.getEventsList()));

    private StreamObserver<NotifyBatch> owner = new Answers<>(batch -> List.of());
    private StreamObserver<GuestBatch> guest = new Answers<>(batch -> List.of());

    @BeforeEach
    void bringUp() throws InterruptedException {
        owner = NotificationServiceGrpc.newStub(channel).notify(verdicts);
        guest = GuestServiceGrpc.newStub(channel).attach(events);
        owner.onNext(commands(command(NOTIFY_KIND_CREATE, 0, 1)));
        verdicts.await("CREATED");
        guest.onNext(comeUp(0));
        verdicts.await("GUEST_ATTACHED");
        owner.onNext(commands(command(NOTIFY_KIND_ARM, 0, 2), command(NOTIFY_KIND_WAKE_ALL, 0, 2)));
        verdicts.await("READY 0xffffffff");
        events.await("INTERRUPT {2,0xffffffff}");
        guest.onNext(calls(clear(0), acknowledge(0)));
        events.await("RESULT 0");
        events.await("RESULT 0");
    }

    @AfterEach
    void close() {
        channel.shutdownNow();
        loop.close();
        service.close();
    }

    @Test
    void aFaultIsToldOverTheWireAndCounted() throws InterruptedException {
        owner.onNext(commands(command(NOTIFY_KIND_PUBLISH, 0, 2, 0x1000)));

        verdicts.await("ACCEPTED 0x1000");
        events.await("SDEI_EVENT {1,0x1000}");
        assertThat(HealthGrpc.newBlockingStub(channel)
                        .check(HealthCheckRequest.getDefaultInstance())
                        .getStatus())
                .isEqualTo(ServingStatus.SERVING);
        MeterRegistry meters = service.getBean(MeterRegistry.class);
        assertThat(meters.get("faultline.notifier.vcpus").gauge().value()).isEqualTo(1);
        assertThat(meters.get("faultline.notifier.notifications")
                        .tag("kind", "delivered")
                        .functionCounter()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void aGuestWhoseConnectionBreaksIsDetached() throws InterruptedException {
        ManagedChannel other = Channels.connect(
                loop, "127.0.0.1:" + service.getBean(GrpcServerLifecycle.class).getPort());
        guest.onCompleted();
        verdicts.await("GUEST_DETACHED");
        GuestServiceGrpc.newStub(other).attach(events).onNext(comeUp(0));
        verdicts.await("GUEST_ATTACHED");

        other.shutdownNow();

        verdicts.await("GUEST_DETACHED");
        owner.onNext(commands(command(NOTIFY_KIND_PUBLISH, 0, 2, 0x1000)));
        verdicts.await("REFUSED 0x1000 NO_GUEST");
    }

    @Test
    void aGuestWhoseVcpuServiceStaysAwayIsTold() throws InterruptedException {
        owner.onCompleted();

        events.await("DETACHED: its vcpu-service has been gone for 200 ms");
    }

    @Test
    void stoppingTellsEveryoneAndEndsTheirStreams() throws InterruptedException {
        service.close();

        events.await("DETACHED: the service is shutting down");
        events.await(Answers.COMPLETED);
        verdicts.await("GUEST_DETACHED");
        verdicts.await(Answers.COMPLETED);
    }

    /**
     * What comes back on a stream, as text, from the loop's thread to the test's.
     *
     * @param <M> the message
     */
    private static final class Answers<M> implements StreamObserver<M> {
        static final String COMPLETED = "completed";

        private final BlockingQueue<String> texts = new LinkedBlockingQueue<>();
        private final Function<M, List<String>> textsOf;

        Answers(Function<M, List<String>> textsOf) {
            this.textsOf = textsOf;
        }

        @Override
        public void onNext(M message) {
            texts.addAll(textsOf.apply(message));
        }

        @Override
        public void onError(Throwable error) {
            texts.add("failed: " + error.getMessage());
        }

        @Override
        public void onCompleted() {
            texts.add(COMPLETED);
        }

        /** Takes texts up to and including one. */
        void await(String wanted) throws InterruptedException {
            StringBuilder seen = new StringBuilder();
            @Nullable String text;
            while ((text = texts.poll(PATIENCE_S, TimeUnit.SECONDS)) != null) {
                if (text.equals(wanted)) {
                    return;
                }
                seen.append(text).append("; ");
            }
            throw new AssertionError("expected " + wanted + ", saw: " + seen);
        }
    }
}
