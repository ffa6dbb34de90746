// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.app.grpc;

import io.faultline.notifier.domain.NotificationMachine;
import io.faultline.proto.notifier.v1.NotificationServiceGrpc;
import io.faultline.proto.notifier.v1.NotifyBatch;
import io.faultline.proto.notifier.v1.VerdictBatch;
import io.faultline.rpc.Turn;
import io.grpc.stub.StreamObserver;

/** {@code NotificationService}: the vcpu-services' streams. SDEI migration is not built yet. Loop thread only. */
public final class NotificationEndpoint extends NotificationServiceGrpc.NotificationServiceImplBase {
    /** vcpu-services connected at once, by far more than one notifier can serve. */
    private static final int STREAMS_MAX = 1024;

    private final NotificationMachine machine;
    private final Turn turn;
    private final Runnable onWritable;
    private final ServerStreams<NotifyBatch, VerdictBatch, NotifyStream> streams = new ServerStreams<>(STREAMS_MAX);

    /**
     * An endpoint of one machine.
     *
     * @param onWritable runs whenever a vcpu-service takes verdicts again, or is gone
     */
    public NotificationEndpoint(NotificationMachine machine, Turn turn, Runnable onWritable) {
        this.machine = machine;
        this.turn = turn;
        this.onWritable = onWritable;
    }

    @Override
    public StreamObserver<NotifyBatch> notify(StreamObserver<VerdictBatch> verdicts) {
        return streams.open(verdicts, call -> new NotifyStream(machine, turn, call, onWritable, streams::ended));
    }

    /** Takes no new streams and ends the open ones in good order. */
    public void drain() {
        streams.drain(stream -> {});
    }
}
