// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.grpc;

import com.google.protobuf.ByteString;
import io.faultline.model.Access;
import io.faultline.model.FailReason;
import io.faultline.model.PageSource;
import io.faultline.model.Privilege;
import io.faultline.model.Resolution;
import io.faultline.model.SyncReason;
import io.faultline.proto.vcpu.v1.Fault;
import io.faultline.proto.vcpu.v1.FaultBatch;
import io.faultline.proto.vcpu.v1.FaultServiceGrpc;
import io.faultline.proto.vcpu.v1.Outcome;
import io.faultline.proto.vcpu.v1.OutcomeBatch;
import io.faultline.rpc.BatchStream;
import io.faultline.rpc.Turn;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Executor;

/**
 * One Raise stream: faults up, outcomes down, batched by turn. Its user keeps few faults in flight (a guest has at most
 * one undecided fault a vCPU), so nothing here needs to hold back. Loop thread only.
 */
public final class FaultStream {
    /** What comes down. Called on the loop. */
    public interface Listener {
        /** A fault's outcome. */
        void outcome(FaultOutcome outcome);

        /** No more outcomes in this message. */
        void endOfBatch();

        /** The stream ended; {@code OK} when that was in good order. */
        void faultStreamEnded(Status status);
    }

    private static final int FAULTS_PER_BATCH_MAX = 1_024;

    private final long vmId;
    private final Faults batch = new Faults();
    private final BatchStream<FaultBatch> out;

    /** Opens the stream; one that cannot be opened says so in a later turn of the loop. */
    public FaultStream(Executor loop, Turn turn, Channel channel, long vmId, Listener listener) {
        this.vmId = vmId;
        out = new BatchStream<>(
                turn,
                (ClientCallStreamObserver<FaultBatch>)
                        FaultServiceGrpc.newStub(channel).raise(new Outcomes(loop, listener)),
                batch);
    }

    /**
     * Raises a fault at the end of this turn.
     *
     * @param loadBytes how many bytes at {@code ipa} to bring back
     * @param store bytes to store there afterwards; empty for none
     */
    public void raise(FaultRequest request, int loadBytes, byte[] store) {
        Fault.Builder fault = batch.next()
                .setSequence(request.sequence())
                .setVmId(vmId)
                .setVcpuId(request.vcpuId())
                .setIpa(request.ipa())
                .setAccessValue(request.access().code())
                .setPrivilegeValue(request.privilege().code())
                .setLoadBytes(loadBytes);
        if (store.length > 0) {
            fault.setStore(ByteString.copyFrom(store));
        }
        out.appended();
    }

    /** Ends the stream in good order. */
    public void complete() {
        out.complete();
    }

    /**
     * A fault as its guest sees it.
     *
     * @param sequence its number
     * @param vcpuId the vCPU
     * @param ipa the address touched
     * @param access what the instruction wants
     * @param privilege in which privilege
     */
    public record FaultRequest(long sequence, int vcpuId, long ipa, Access access, Privilege privilege) {}

    /** The open batch. */
    private static final class Faults implements BatchStream.Batch<FaultBatch> {
        private FaultBatch.Builder faults = FaultBatch.newBuilder();

        Fault.Builder next() {
            return faults.addFaultsBuilder();
        }

        @Override
        public boolean isEmpty() {
            return faults.getFaultsCount() == 0;
        }

        @Override
        public boolean isFull() {
            return faults.getFaultsCount() == FAULTS_PER_BATCH_MAX;
        }

        @Override
        public FaultBatch take() {
            FaultBatch taken = faults.build();
            faults = FaultBatch.newBuilder();
            return taken;
        }
    }

    /** The incoming side. */
    private record Outcomes(Executor loop, Listener listener) implements StreamObserver<OutcomeBatch> {
        @Override
        public void onNext(OutcomeBatch message) {
            for (Outcome outcome : message.getOutcomesList()) {
                listener.outcome(translated(outcome));
            }
            listener.endOfBatch();
        }

        @Override
        public void onError(Throwable error) {
            loop.execute(() -> listener.faultStreamEnded(Status.fromThrowable(error)));
        }

        @Override
        public void onCompleted() {
            loop.execute(() -> listener.faultStreamEnded(Status.OK));
        }

        private static FaultOutcome translated(Outcome outcome) {
            FaultOutcome.Kind kind = switch (outcome.getKind()) {
                case OUTCOME_KIND_MAPPED -> FaultOutcome.Kind.MAPPED;
                case OUTCOME_KIND_ASYNC -> FaultOutcome.Kind.ASYNC;
                case OUTCOME_KIND_RESOLVED -> FaultOutcome.Kind.RESOLVED;
                case OUTCOME_KIND_FAILED -> FaultOutcome.Kind.FAILED;
                case OUTCOME_KIND_UNSPECIFIED, UNRECOGNIZED ->
                    throw Status.INTERNAL
                            .withDescription("outcome kind: " + outcome.getKindValue() + " (expected: 1 to 4)")
                            .asRuntimeException();
            };
            return new FaultOutcome(
                    outcome.getSequence(),
                    kind,
                    outcome.getToken(),
                    PageSource.of(outcome.getSourceValue()),
                    SyncReason.of(outcome.getSyncReasonValue()),
                    Resolution.of(outcome.getResolutionValue()),
                    FailReason.of(outcome.getFailReasonValue()),
                    outcome.getLoaded().asReadOnlyByteBuffer(),
                    outcome.getDetail());
        }
    }
}
