// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import io.faultline.proto.vcpu.v1.Fault;
import io.faultline.proto.vcpu.v1.FaultBatch;
import io.faultline.proto.vcpu.v1.Outcome;
import io.faultline.proto.vcpu.v1.OutcomeBatch;
import io.faultline.rpc.BatchStream;
import io.faultline.rpc.Client;
import io.faultline.rpc.ServiceLoop;
import io.faultline.rpc.Turn;
import io.faultline.rpc.access.Caller;
import io.faultline.vcpu.app.host.HostedVm;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

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

    private final Caller caller;
    /** Whose VMs the last fault was found to be allowed for; most streams see no others. */
    private @Nullable Caller registrant;

    private final Client client;

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
            ServiceLoop loop, Turn turn, FaultDesk desk, int inFlightMax, Sender sender, Consumer<FaultStream> ended) {
        this.loop = loop;
        this.desk = desk;
        this.inFlightMax = inFlightMax;
        this.ended = ended;
        this.call = sender.call;
        this.caller = sender.caller;
        this.client = sender.client;
        this.out = new BatchStream<>(turn, call, outcomes);
        call.disableAutoRequest();
        call.setOnReadyHandler(this::askForMore);
        call.setOnCancelHandler(this::broke);
        askForMore();
    }

    /** Whose stream it is. */
    Client client() {
        return client;
    }

    /** Faults read from this stream that have no terminal outcome yet. */
    int inFlight() {
        return inFlight;
    }

    /** Whether its client may raise the VM's faults; if not, that is the end of the stream. */
    boolean admits(HostedVm vm) {
        if (vm.registrant() == registrant) {
            return true;
        }
        if (!caller.owns(vm.registrant())) {
            fail(caller.denied("raises faults of", vm.id(), ""));
            return false;
        }
        registrant = vm.registrant();
        return true;
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
            fail(Status.INVALID_ARGUMENT
                    .withDescription("batch: " + size + " faults (expected: 1 to " + MessageBatch.RECORDS_MAX + ")")
                    .asRuntimeException());
            return;
        }
        long nowNs = loop.nowNs();
        inFlight += size;
        List<Fault> faults = batch.getFaultsList();
        for (int i = 0; i < size && !closed; i++) {
            desk.raise(this, faults.get(i), nowNs);
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

    private void fail(StatusRuntimeException error) {
        if (end()) {
            out.fail(error);
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

    /** Who sends the faults, and where their outcomes go. */
    record Sender(Caller caller, Client client, ServerCallStreamObserver<OutcomeBatch> call) {}
}
