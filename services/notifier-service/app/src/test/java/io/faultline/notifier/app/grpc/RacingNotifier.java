// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.app.grpc;

import io.faultline.model.StepKind;
import io.faultline.notifier.domain.AreaAccess;
import io.faultline.notifier.domain.NotificationMachine;
import io.faultline.proto.notifier.v1.GuestBatch;
import io.faultline.proto.notifier.v1.GuestCall;
import io.faultline.proto.notifier.v1.GuestServiceGrpc;
import io.faultline.proto.notifier.v1.HostBatch;
import io.faultline.proto.notifier.v1.HostEvent;
import io.faultline.proto.notifier.v1.NotificationServiceGrpc;
import io.faultline.proto.notifier.v1.NotifyBatch;
import io.faultline.proto.notifier.v1.NotifyCommand;
import io.faultline.proto.notifier.v1.Verdict;
import io.faultline.proto.notifier.v1.VerdictBatch;
import io.faultline.rpc.BatchStream;
import io.faultline.rpc.ServiceLoop;
import io.faultline.rpc.Turn;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/**
 * The notifier's endpoints on their loop, an owner on a thread of its own that batches by its turns as a vcpu-service does,
 * and a guest on a third thread. Any of the three may be ahead.
 */
final class RacingNotifier implements AutoCloseable {
    static final int VCPUS_MAX = 16;

    /** Each of the clients' threads. */
    final ExecutorService ownerThread = Executors.newSingleThreadExecutor();

    final ExecutorService guestThread = Executors.newSingleThreadExecutor();
    final ConcurrentLinkedQueue<Status> broken = new ConcurrentLinkedQueue<>();

    private final ServiceLoop loop = ServiceLoop.start("notifier");
    private final Server server;
    private final ManagedChannel ownerChannel;
    private final ManagedChannel guestChannel;
    private final Ends<NotifyBatch, VerdictBatch> verdicts;
    private final Ends<GuestBatch, HostBatch> events;
    private final Commands commands = new Commands();
    private final BatchStream<NotifyBatch> owner;
    /** On the loop: the stream whose message it is at, and by which of them each page-ready was published. */
    private String method = "";

    private final Map<String, Integer> readiesBy = new HashMap<>();

    /** Both streams are open, and nothing was said on them; each hears its records on its thread. */
    RacingNotifier(Consumer<Verdict> onVerdict, Consumer<HostEvent> onEvent) {
        verdicts = new Ends<>(batch -> batch.getVerdictsList().forEach(onVerdict));
        events = new Ends<>(batch -> batch.getEventsList().forEach(onEvent));
        Turn turn = new Turn(loop);
        NotificationMachine machine = new NotificationMachine(
                step -> {
                    if (step.kind() == StepKind.READY) {
                        readiesBy.merge(method, 1, Integer::sum);
                    }
                },
                AreaAccess.ADDRESSABLE,
                VCPUS_MAX);
        String name = InProcessServerBuilder.generateName();
        server = Endpoints.of(machine, turn, 1)
                .serve(InProcessServerBuilder.forName(name).executor(loop).intercept(new MethodNoted()));
        ownerChannel =
                InProcessChannelBuilder.forName(name).executor(ownerThread).build();
        guestChannel =
                InProcessChannelBuilder.forName(name).executor(guestThread).build();
        NotificationServiceGrpc.newStub(ownerChannel).notify(verdicts);
        GuestServiceGrpc.newStub(guestChannel).attach(events);
        owner = new BatchStream<>(new Turn(ownerThread), verdicts.call(), commands);
    }

    /** Adds a command to the owner's turn; on its thread. */
    void command(NotifyCommand.Builder command) {
        commands.batch.addCommands(command);
        owner.appended();
    }

    /** The guest makes calls; on its thread. */
    void calls(GuestCall.Builder... calls) {
        guest(Messages.calls(calls));
    }

    /** The guest makes a batch of calls; on its thread. */
    void guest(GuestBatch batch) {
        events.call().onNext(batch);
    }

    /** How many page-readies were published while the loop was at a message of a method; once everything has ended. */
    int readiesBy(String wanted) {
        return readiesBy.getOrDefault(wanted, 0);
    }

    @Override
    public void close() {
        ownerChannel.shutdownNow();
        guestChannel.shutdownNow();
        server.shutdownNow();
        loop.close();
        ownerThread.shutdown();
        guestThread.shutdown();
    }

    /** What the owner's turn gathers. */
    private static final class Commands implements BatchStream.Batch<NotifyBatch> {
        private NotifyBatch.Builder batch = NotifyBatch.newBuilder();

        @Override
        public boolean isEmpty() {
            return batch.getCommandsCount() == 0;
        }

        @Override
        public boolean isFull() {
            return false;
        }

        @Override
        public NotifyBatch take() {
            NotifyBatch message = batch.build();
            batch = NotifyBatch.newBuilder();
            return message;
        }
    }

    /** A client's end of a stream. */
    private final class Ends<I, O> implements ClientResponseObserver<I, O> {
        private final Consumer<O> heard;

        @SuppressWarnings("NullAway.Init") // Set by gRPC before the stub returns.
        private ClientCallStreamObserver<I> requests;

        Ends(Consumer<O> heard) {
            this.heard = heard;
        }

        ClientCallStreamObserver<I> call() {
            return requests;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<I> stream) {
            requests = stream;
            // Never congested: only the threads decide who is first.
            stream.disableAutoRequestWithInitial(Integer.MAX_VALUE);
        }

        @Override
        public void onNext(O message) {
            heard.accept(message);
        }

        @Override
        public void onError(Throwable error) {
            broken.add(Status.fromThrowable(error));
        }

        @Override
        public void onCompleted() {
            broken.add(Status.OK);
        }
    }

    /** Notes whose message the loop is at. */
    private final class MethodNoted implements ServerInterceptor {
        @Override
        public <I, O> ServerCall.Listener<I> interceptCall(
                ServerCall<I, O> call, Metadata headers, ServerCallHandler<I, O> next) {
            String name = String.valueOf(call.getMethodDescriptor().getBareMethodName());
            return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
                @Override
                public void onMessage(I message) {
                    method = name;
                    super.onMessage(message);
                }
            };
        }
    }
}
