// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import io.faultline.proto.vcpu.v1.FaultBatch;
import io.faultline.proto.vcpu.v1.FaultServiceGrpc;
import io.faultline.proto.vcpu.v1.OutcomeBatch;
import io.faultline.rpc.Client;
import io.faultline.rpc.ServiceLoop;
import io.faultline.rpc.Statuses;
import io.faultline.rpc.Turn;
import io.faultline.rpc.access.Caller;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** {@code FaultService}: every client's stream of faults, and their end when the service stops. Loop thread only. */
public final class FaultEndpoint extends FaultServiceGrpc.FaultServiceImplBase {
    private final ServiceLoop loop;
    private final Turn turn;
    private final FaultDesk desk;
    private final int inFlightMax;
    private final int streamsMax;
    private final Set<FaultStream> streams = new LinkedHashSet<>();
    private boolean draining;

    /** An endpoint of at most {@code streamsMax} streams, each read up to {@code inFlightMax} faults in flight. */
    public FaultEndpoint(ServiceLoop loop, Turn turn, FaultDesk desk, int inFlightMax, int streamsMax) {
        this.loop = loop;
        this.turn = turn;
        this.desk = desk;
        this.inFlightMax = inFlightMax;
        this.streamsMax = streamsMax;
    }

    @Override
    public StreamObserver<FaultBatch> raise(StreamObserver<OutcomeBatch> outcomes) {
        ServerCallStreamObserver<OutcomeBatch> call = (ServerCallStreamObserver<OutcomeBatch>) outcomes;
        if (draining) {
            call.onError(Statuses.unavailable("the service is shutting down"));
            return new Refused();
        }
        if (streams.size() >= streamsMax) {
            call.onError(Statuses.resourceExhausted(
                    "streams: " + streams.size() + " (expected: < " + streamsMax + ", faultline.vcpu.streams-max)"));
            return new Refused();
        }
        FaultStream.Sender sender = new FaultStream.Sender(Caller.current(), Client.current(), call);
        FaultStream stream = new FaultStream(loop, turn, desk, inFlightMax, sender, streams::remove);
        streams.add(stream);
        return stream;
    }

    /** Takes no new streams and no new faults: they fail with VM_GONE. */
    public void drain() {
        draining = true;
        desk.drain();
    }

    /** Ends every stream in good order, with the outcomes it has so far. */
    public void complete() {
        List.copyOf(streams).forEach(FaultStream::complete);
    }

    /** What is left of a stream that was refused. */
    private static final class Refused implements StreamObserver<FaultBatch> {
        @Override
        public void onNext(FaultBatch batch) {
            // The client's call has ended already.
        }

        @Override
        public void onError(Throwable error) {
            // Likewise.
        }

        @Override
        public void onCompleted() {
            // Likewise.
        }
    }
}
