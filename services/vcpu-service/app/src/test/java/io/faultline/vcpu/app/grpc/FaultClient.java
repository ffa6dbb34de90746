// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import com.google.protobuf.ByteString;
import io.faultline.proto.vcpu.v1.Access;
import io.faultline.proto.vcpu.v1.Fault;
import io.faultline.proto.vcpu.v1.FaultBatch;
import io.faultline.proto.vcpu.v1.FaultServiceGrpc;
import io.faultline.proto.vcpu.v1.Outcome;
import io.faultline.proto.vcpu.v1.OutcomeBatch;
import io.faultline.proto.vcpu.v1.Privilege;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A client's stream of faults, for one test thread. */
final class FaultClient {
    private static final int PATIENCE_S = 10;

    private final BlockingQueue<Outcome> outcomes = new LinkedBlockingQueue<>();
    private final CompletableFuture<Status> end = new CompletableFuture<>();
    private @Nullable ClientCallStreamObserver<FaultBatch> requests;

    FaultClient(FaultServiceGrpc.FaultServiceStub stub) {
        stub.raise(new ClientResponseObserver<FaultBatch, OutcomeBatch>() {
            @Override
            public void beforeStart(ClientCallStreamObserver<FaultBatch> stream) {
                requests = stream;
            }

            @Override
            public void onNext(OutcomeBatch batch) {
                outcomes.addAll(batch.getOutcomesList());
            }

            @Override
            public void onError(Throwable error) {
                end.complete(Status.fromThrowable(error));
            }

            @Override
            public void onCompleted() {
                end.complete(Status.OK);
            }
        });
    }

    /** Raises faults in one batch. */
    void raise(Fault.Builder... faults) {
        FaultBatch.Builder batch = FaultBatch.newBuilder();
        List.of(faults).forEach(batch::addFaults);
        raise(batch.build());
    }

    /** Raises a batch as it is. */
    void raise(FaultBatch batch) {
        stream().onNext(batch);
    }

    /** Raises one fault and returns its next outcome. */
    Outcome outcomeOf(Fault.Builder fault) throws InterruptedException {
        raise(fault);
        return next();
    }

    /** The next outcome of any fault. */
    Outcome next() throws InterruptedException {
        Outcome outcome = outcomes.poll(PATIENCE_S, TimeUnit.SECONDS);
        if (outcome == null) {
            throw new AssertionError("no outcome within " + PATIENCE_S + " s");
        }
        return outcome;
    }

    /** How the stream ended. */
    Status end() throws InterruptedException, ExecutionException, TimeoutException {
        return end.get(PATIENCE_S, TimeUnit.SECONDS);
    }

    /** Raises no more, waits for the rest. */
    void finish() {
        stream().onCompleted();
    }

    /** Goes away without a word. */
    void hangUp() {
        stream().cancel("gone", null);
    }

    /** A load of 8 bytes at the beginning of a page, by a task on vCPU 0. */
    static Fault.Builder read(long vmId, long sequence, long gfn) {
        return Fault.newBuilder()
                .setSequence(sequence)
                .setVmId(vmId)
                .setIpa(gfn * Cluster.PAGE)
                .setAccess(Access.ACCESS_READ)
                .setPrivilege(Privilege.PRIVILEGE_USER)
                .setLoadBytes(8);
    }

    /** A store of 8 bytes at the beginning of a page, by a task on vCPU 0. */
    static Fault.Builder write(long vmId, long sequence, long gfn, String stamp) {
        return read(vmId, sequence, gfn).setAccess(Access.ACCESS_WRITE).setStore(ByteString.copyFromUtf8(stamp));
    }

    private ClientCallStreamObserver<FaultBatch> stream() {
        if (requests == null) {
            throw new IllegalStateException("stream: not started (expected: started)");
        }
        return requests;
    }
}
