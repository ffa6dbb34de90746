// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.app.grpc;

import io.faultline.notifier.domain.AreaAccess;
import io.faultline.notifier.domain.NotificationMachine;
import io.faultline.proto.notifier.v1.GuestBatch;
import io.faultline.proto.notifier.v1.GuestServiceGrpc;
import io.faultline.proto.notifier.v1.HostBatch;
import io.faultline.proto.notifier.v1.HostEvent;
import io.faultline.proto.notifier.v1.NotificationServiceGrpc;
import io.faultline.proto.notifier.v1.NotifyBatch;
import io.faultline.proto.notifier.v1.Verdict;
import io.faultline.proto.notifier.v1.VerdictBatch;
import io.faultline.rpc.Turn;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The endpoints over in-process gRPC, everything on the test's thread, whose turns end when the test says so. */
final class InProcessNotifier implements AutoCloseable {
    static final int GUESTS_MAX = 3;

    private static final int VCPUS_MAX = 16;

    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private final List<String> steps = new ArrayList<>();
    private final Server server;
    private final ManagedChannel channel;

    final NotificationEndpoint owners;
    final GuestEndpoint guests;

    InProcessNotifier() {
        Turn turn = new Turn(tasks::add);
        NotificationMachine machine =
                new NotificationMachine(step -> steps.add(step.kind().name()), AreaAccess.ADDRESSABLE, VCPUS_MAX);
        Endpoints endpoints = Endpoints.of(machine, turn, GUESTS_MAX);
        owners = endpoints.owners();
        guests = endpoints.guests();
        String name = InProcessServerBuilder.generateName();
        server = endpoints.serve(InProcessServerBuilder.forName(name).directExecutor());
        channel = InProcessChannelBuilder.forName(name).directExecutor().build();
    }

    Client<NotifyBatch, VerdictBatch, Verdict> owner() {
        return owner(true);
    }

    /** An owner that reads whatever comes, or only when told to. */
    Client<NotifyBatch, VerdictBatch, Verdict> owner(boolean readsAtOnce) {
        Client<NotifyBatch, VerdictBatch, Verdict> client = new Client<>(VerdictBatch::getVerdictsList, readsAtOnce);
        NotificationServiceGrpc.newStub(channel).notify(client);
        return client;
    }

    Client<GuestBatch, HostBatch, HostEvent> guest() {
        return guest(true);
    }

    /** A guest that reads whatever comes, or only when told to. */
    Client<GuestBatch, HostBatch, HostEvent> guest(boolean readsAtOnce) {
        Client<GuestBatch, HostBatch, HostEvent> client = new Client<>(HostBatch::getEventsList, readsAtOnce);
        GuestServiceGrpc.newStub(channel).attach(client);
        return client;
    }

    /** The unary calls. */
    NotificationServiceGrpc.NotificationServiceBlockingStub calls() {
        return NotificationServiceGrpc.newBlockingStub(channel).withDeadlineAfter(10, TimeUnit.SECONDS);
    }

    /** Ends the loop's turn: what it produced goes out. */
    void endTurn() {
        Runnable task;
        while ((task = tasks.poll()) != null) {
            task.run();
        }
    }

    /** The kinds of the audit steps since the last look. */
    List<String> steps() {
        List<String> seen = List.copyOf(steps);
        steps.clear();
        return seen;
    }

    @Override
    public void close() {
        channel.shutdownNow();
        server.shutdownNow();
    }
}
