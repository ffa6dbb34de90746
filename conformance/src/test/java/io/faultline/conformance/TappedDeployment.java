// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.conformance;

import com.google.protobuf.InvalidProtocolBufferException;
import io.faultline.conformance.driver.Endpoints;
import io.faultline.notifier.app.NotifierService;
import io.faultline.pager.app.PagerService;
import io.faultline.proto.notifier.v1.GuestBatch;
import io.faultline.proto.notifier.v1.HostBatch;
import io.faultline.proto.notifier.v1.NotifyBatch;
import io.faultline.proto.notifier.v1.VerdictBatch;
import io.faultline.proto.pager.v1.PageReplyBatch;
import io.faultline.proto.pager.v1.PageRequestBatch;
import io.faultline.proto.vcpu.v1.ConfigureAsyncPfResponse;
import io.faultline.proto.vcpu.v1.FaultBatch;
import io.faultline.proto.vcpu.v1.OutcomeBatch;
import io.faultline.vcpu.app.VcpuService;
import io.faultline.vcpu.app.grpc.GrpcNotifier;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;

/** The three real services on loopback with taps in front of each, so that a bug there looks as if the service had it. */
final class TappedDeployment implements AutoCloseable {
    private static final long CONNECT_MS_MAX = 30_000;

    private final Deque<Runnable> parts = new ArrayDeque<>();
    private final Proxy vcpu;
    private final Proxy notifier;
    private final Proxy pager;
    private volatile Taps taps = new Taps();

    TappedDeployment() {
        pager = inFrontOf(PagerService.start(arguments("--faultline.pager.store=memory")));
        notifier = inFrontOf(NotifierService.start(arguments("--faultline.audit.enabled=false")));
        ConfigurableApplicationContext context = VcpuService.start(arguments(
                "--faultline.audit.enabled=false",
                "--faultline.vcpu.pager-target=" + pager.address(),
                "--faultline.vcpu.notifier-target=" + notifier.address()));
        vcpu = inFrontOf(context);
        GrpcNotifier connection = context.getBean(GrpcNotifier.class);
        for (int ms = 0; !connection.isConnected() && ms < CONNECT_MS_MAX; ms++) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** From now on these taps. */
    void install(Taps installed) {
        taps = installed;
    }

    Endpoints endpoints() {
        return new Endpoints(vcpu.address(), notifier.address(), pager.address());
    }

    private Proxy inFrontOf(ConfigurableApplicationContext service) {
        parts.push(service::close);
        int port = service.getBean(GrpcServerLifecycle.class).getPort();
        Proxy proxy = new Proxy("127.0.0.1:" + port, new Tapped());
        parts.push(proxy::close);
        return proxy;
    }

    private static String[] arguments(String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "--spring.grpc.server.port=0",
                "--spring.grpc.server.address=127.0.0.1",
                "--faultline.management.port=-1"));
        arguments.addAll(List.of(more));
        return arguments.toArray(String[]::new);
    }

    @Override
    public void close() {
        while (!parts.isEmpty()) {
            parts.pop().run();
        }
    }

    /** Takes batches apart for the taps. What a tap passes on during a batch goes out as one batch, as it came. */
    private final class Tapped implements Proxy.Ways {
        @Override
        public void up(String method, byte[] message, Consumer<byte[]> next) {
            try {
                switch (method) {
                    case "Raise" ->
                        each(
                                FaultBatch.parseFrom(message).getFaultsList(),
                                taps.faults,
                                faults -> next.accept(FaultBatch.newBuilder()
                                        .addAllFaults(faults)
                                        .build()
                                        .toByteArray()));
                    case "Notify" ->
                        each(
                                NotifyBatch.parseFrom(message).getCommandsList(),
                                taps.commands,
                                commands -> next.accept(NotifyBatch.newBuilder()
                                        .addAllCommands(commands)
                                        .build()
                                        .toByteArray()));
                    case "Attach" ->
                        each(
                                GuestBatch.parseFrom(message).getCallsList(),
                                taps.calls,
                                calls -> next.accept(GuestBatch.newBuilder()
                                        .addAllCalls(calls)
                                        .build()
                                        .toByteArray()));
                    case "Exchange" ->
                        taps.requests.pass(
                                PageRequestBatch.parseFrom(message), batch -> next.accept(batch.toByteArray()));
                    default -> next.accept(message);
                }
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalStateException(method, e);
            }
        }

        @Override
        public void down(String method, byte[] message, Consumer<byte[]> next) {
            try {
                switch (method) {
                    case "Raise" ->
                        each(
                                OutcomeBatch.parseFrom(message).getOutcomesList(),
                                taps.outcomes,
                                outcomes -> next.accept(OutcomeBatch.newBuilder()
                                        .addAllOutcomes(outcomes)
                                        .build()
                                        .toByteArray()));
                    case "ConfigureAsyncPf" ->
                        taps.answers.pass(
                                ConfigureAsyncPfResponse.parseFrom(message),
                                answer -> next.accept(answer.toByteArray()));
                    case "Notify" ->
                        each(
                                VerdictBatch.parseFrom(message).getVerdictsList(),
                                taps.verdicts,
                                verdicts -> next.accept(VerdictBatch.newBuilder()
                                        .addAllVerdicts(verdicts)
                                        .build()
                                        .toByteArray()));
                    case "Attach" ->
                        each(
                                HostBatch.parseFrom(message).getEventsList(),
                                taps.events,
                                events -> next.accept(HostBatch.newBuilder()
                                        .addAllEvents(events)
                                        .build()
                                        .toByteArray()));
                    case "Exchange" ->
                        taps.replies.pass(PageReplyBatch.parseFrom(message), batch -> next.accept(batch.toByteArray()));
                    default -> next.accept(message);
                }
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalStateException(method, e);
            }
        }

        private static <T> void each(List<T> messages, Tap<T> tap, Consumer<List<T>> send) {
            Turn<T> turn = new Turn<>(send);
            messages.forEach(message -> tap.pass(message, turn::add));
            turn.end();
        }
    }

    /** What one batch became; what is added after its end goes out by itself. */
    private static final class Turn<T> {
        private final Consumer<List<T>> send;
        private final List<T> messages = new ArrayList<>();
        private boolean hasEnded;

        Turn(Consumer<List<T>> send) {
            this.send = send;
        }

        synchronized void add(T message) {
            if (hasEnded) {
                send.accept(List.of(message));
            } else {
                messages.add(message);
            }
        }

        synchronized void end() {
            hasEnded = true;
            if (!messages.isEmpty()) {
                send.accept(List.copyOf(messages));
            }
        }
    }
}
