// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import io.faultline.proto.vcpu.v1.Fault;
import io.faultline.proto.vcpu.v1.FaultBatch;
import io.faultline.proto.vcpu.v1.Outcome;
import io.faultline.proto.vcpu.v1.OutcomeBatch;
import io.faultline.rpc.BatchStream;
import io.faultline.rpc.ServiceLoop;
import io.faultline.rpc.Turn;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.function.Consumer;

/**
 * One client's stream of faults. It is read only while its faults in flight have room for one more full batch and the
 * client takes outcomes, so a slow client is slowed down and nothing piles up here. Loop thread only.
 */
final class FaultStream implements StreamObserver<FaultBatch> {
    private final ServiceLoop loop;
    private final FaultDesk desk;
    private final int inFlightMax;
    private final Consumer<FaultStream> ended;
    private final ServerCallStreamObserver<OutcomeBatch> call;
    private final MessageBatch<Outcome, OutcomeBatch> outcomes = new MessageBatch<>(
            records -> OutcomeBatch.newBuilder().addAllOutcomes(records).build());
    private final BatchStream<OutcomeBatch> out;

    private int inFlight;
    private boolean asked;
    private boolean clientDone;
    private boolean closed;

    /**
     * A stream that asks for its first batch.
     *
     * @param inFlightMax faults in flight at which the stream is not read; one batch is always let through
     * @param ended hears of it once, when the stream has ended, whichever way
     */
    FaultStream(
            ServiceLoop loop,
            Turn turn,
            FaultDesk desk,
            int inFlightMax,
            ServerCallStreamObserver<OutcomeBatch> call,
            Consumer<FaultStream> ended) {
        this.loop = loop;
        this.desk = desk;
        this.inFlightMax = inFlightMax;
        this.ended = ended;
        this.call = call;
        this.out = new BatchStream<>(turn, call, outcomes);
        call.disableAutoRequest();
        call.setOnReadyHandler(this::askForMore);
        call.setOnCancelHandler(this::broke);
        askForMore();
    }

    /** Faults read from this stream that have no terminal outcome yet. */
    int inFlight() {
        return inFlight;
    }

    /** An outcome after which another follows. */
    void intermediate(Outcome outcome) {
        if (closed) {
            desk.droppedOutcome();
            return;
        }
        outcomes.add(outcome);
        out.appended();
    }

    /** A fault's last outcome. */
    void terminal(Outcome outcome) {
        inFlight--;
        if (closed) {
            desk.droppedOutcome();
            return;
        }
        outcomes.add(outcome);
        out.appended();
        if (clientDone && inFlight == 0) {
            complete();
        } else {
            askForMore();
        }
    }

    /** Ends the stream in good order, with all outcomes so far. */
    void complete() {
        if (end()) {
            out.complete();
        }
    }

    @Override
    public void onNext(FaultBatch batch) {
        asked = false;
        int size = batch.getFaultsCount();
        if (size < 1 || size > MessageBatch.RECORDS_MAX) {
            fail("batch: " + size + " faults (expected: 1 to " + MessageBatch.RECORDS_MAX + ")");
            return;
        }
        long nowNs = loop.nowNs();
        inFlight += size;
        for (Fault fault : batch.getFaultsList()) {
            desk.raise(this, fault, nowNs);
        }
        askForMore();
    }

    @Override
    public void onError(Throwable error) {
        broke();
    }

    @Override
    public void onCompleted() {
        clientDone = true;
        if (inFlight == 0) {
            complete();
        }
    }

    private void askForMore() {
        boolean hasRoom = inFlight == 0 || inFlight + MessageBatch.RECORDS_MAX <= inFlightMax;
        if (!closed && !asked && !clientDone && hasRoom && call.isReady()) {
            asked = true;
            call.request(1);
        }
    }

    private void fail(String description) {
        if (end()) {
            out.fail(Status.INVALID_ARGUMENT.withDescription(description).asRuntimeException());
        }
    }

    private void broke() {
        if (end()) {
            out.abandon();
        }
    }

    private boolean end() {
        if (closed) {
            return false;
        }
        closed = true;
        ended.accept(this);
        return true;
    }
}
