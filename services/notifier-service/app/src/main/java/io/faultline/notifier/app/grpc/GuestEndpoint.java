// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.app.grpc;

import io.faultline.notifier.domain.NotificationMachine;
import io.faultline.proto.notifier.v1.GuestBatch;
import io.faultline.proto.notifier.v1.GuestServiceGrpc;
import io.faultline.proto.notifier.v1.HostBatch;
import io.faultline.rpc.Turn;
import io.faultline.rpc.access.Caller;
import io.grpc.stub.StreamObserver;

/** {@code GuestService}: the guests' streams. Loop thread only. */
public final class GuestEndpoint extends GuestServiceGrpc.GuestServiceImplBase {
    private final NotificationMachine machine;
    private final Turn turn;
    private final ServerStreams<GuestBatch, HostBatch, GuestStream> streams;

    /** An endpoint of one machine, for at most {@code streamsMax} guests at once. */
    public GuestEndpoint(NotificationMachine machine, Turn turn, int streamsMax) {
        this.machine = machine;
        this.turn = turn;
        streams = new ServerStreams<>(streamsMax);
    }

    @Override
    public StreamObserver<GuestBatch> attach(StreamObserver<HostBatch> events) {
        Caller caller = Caller.current();
        return streams.open(events, call -> new GuestStream(machine, turn, call, caller, streams::ended));
    }

    /** Reads on from guests that were not read because their VM's owner did not take verdicts. */
    public void resume() {
        streams.resume();
    }

    /** Takes no new streams, and ends the open ones in good order with their vCPUs detached for a reason. */
    public void drain(String detail) {
        streams.drain(stream -> stream.dismiss(detail));
    }
}
