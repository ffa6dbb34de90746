// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.peers.bare;

import io.faultline.model.PageSource;
import io.faultline.model.Resolution;
import io.faultline.model.Token;
import io.faultline.peers.pages.PageSet;
import io.faultline.proto.notifier.v1.NotificationServiceGrpc;
import io.faultline.proto.notifier.v1.NotifyBatch;
import io.faultline.proto.notifier.v1.NotifyCommand;
import io.faultline.proto.notifier.v1.NotifyKind;
import io.faultline.proto.notifier.v1.Verdict;
import io.faultline.proto.notifier.v1.VerdictBatch;
import io.faultline.proto.notifier.v1.VerdictKind;
import io.faultline.proto.vcpu.v1.Fault;
import io.faultline.proto.vcpu.v1.FaultBatch;
import io.faultline.proto.vcpu.v1.FaultServiceGrpc;
import io.faultline.proto.vcpu.v1.Outcome;
import io.faultline.proto.vcpu.v1.OutcomeBatch;
import io.faultline.proto.vcpu.v1.OutcomeKind;
import io.faultline.rpc.BatchStream;
import io.faultline.rpc.Turn;
import io.faultline.rpc.page.IncomingPageReplies;
import io.faultline.rpc.page.OutgoingPageRequests;
import io.faultline.rpc.page.PageExchange;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.stub.CallStreamObserver;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Sends what vcpu-service would send for faults that all go asynchronous, and decides nothing: no table, no checksum, no
 * reclaim; a page goes into the next frame. One client. Loop thread only.
 */
final class BareVcpus extends FaultServiceGrpc.FaultServiceImplBase {
    private static final int VCPUS_MAX = Token.VCPU_ID_MAX + 1;
    private static final int FRAMES = 1 << 14;
    private static final int PAGE_SHIFT = 12;
    private static final long EPOCH = 2;

    private final Turn turn;
    private final MemorySegment frames = Arena.ofAuto().allocate((long) FRAMES * PageSet.PAGE_BYTES);
    private final Fetches fetches = new Fetches();
    private final Records<NotifyCommand, NotifyBatch> commands = new Records<>(
            records -> NotifyBatch.newBuilder().addAllCommands(records).build());
    private final Pages pages = new Pages();
    private final BatchStream<NotifyBatch> notifier;
    private final long[] sequenceOf = new long[VCPUS_MAX];
    private final int[] tokenOf = new int[VCPUS_MAX];
    private final int[] issued = new int[VCPUS_MAX];
    private int frame;
    private @Nullable Client client;

    BareVcpus(Turn turn, ManagedChannel pager, ManagedChannel notifierChannel) {
        this.turn = turn;
        ClientCalls.asyncBidiStreamingCall(PageExchange.open(pager, CallOptions.DEFAULT), pages);
        notifier = new BatchStream<>(
                turn,
                (ClientCallStreamObserver<NotifyBatch>)
                        NotificationServiceGrpc.newStub(notifierChannel).notify(new Verdicts()),
                commands);
    }

    @Override
    public StreamObserver<FaultBatch> raise(StreamObserver<OutcomeBatch> outcomes) {
        Client raised = new Client(outcomes);
        client = raised;
        return raised;
    }

    private void command(NotifyKind kind, int vcpu, long vmId) {
        commands.add(NotifyCommand.newBuilder()
                .setKind(kind)
                .setVmId(vmId)
                .setVcpuId(vcpu)
                .setEpoch(EPOCH)
                .setToken(tokenOf[vcpu])
                .setCause(sequenceOf[vcpu])
                .build());
        notifier.appended();
    }

    private void answer(Outcome outcome) {
        Client answered = client;
        if (answered != null) {
            answered.outcomes.add(outcome);
            answered.out.appended();
        }
    }

    /** The stream of faults. */
    private final class Client implements StreamObserver<FaultBatch> {
        private final Records<Outcome, OutcomeBatch> outcomes = new Records<>(
                records -> OutcomeBatch.newBuilder().addAllOutcomes(records).build());
        private final BatchStream<OutcomeBatch> out;

        Client(StreamObserver<OutcomeBatch> call) {
            out = new BatchStream<>(turn, (CallStreamObserver<OutcomeBatch>) call, outcomes);
        }

        @Override
        public void onNext(FaultBatch batch) {
            for (Fault fault : batch.getFaultsList()) {
                int vcpu = fault.getVcpuId();
                sequenceOf[vcpu] = fault.getSequence();
                issued[vcpu] = issued[vcpu] % Token.SEQUENCE_MAX + 1;
                tokenOf[vcpu] = Token.of(issued[vcpu], vcpu);
                command(NotifyKind.NOTIFY_KIND_PUBLISH, vcpu, fault.getVmId());
                fetches.batch.fetch(vcpu, fault.getVmId(), fault.getIpa() >>> PAGE_SHIFT, 1, PageSet.PAGE_BYTES);
                pages.out().appended();
            }
        }

        @Override
        public void onError(Throwable error) {
            out.abandon();
        }

        @Override
        public void onCompleted() {
            out.complete();
        }
    }

    /** Requests to the pager on their way. */
    private static final class Fetches implements BatchStream.Batch<OutgoingPageRequests> {
        private OutgoingPageRequests batch = new OutgoingPageRequests();
        private OutgoingPageRequests other = new OutgoingPageRequests();

        @Override
        public boolean isEmpty() {
            return batch.isEmpty();
        }

        @Override
        public boolean isFull() {
            return batch.isFull();
        }

        @Override
        public OutgoingPageRequests take() {
            OutgoingPageRequests taken = batch;
            batch = other;
            other = taken;
            batch.clear();
            return taken;
        }
    }

    /** The stream of pages. */
    private final class Pages implements ClientResponseObserver<OutgoingPageRequests, IncomingPageReplies> {
        private @Nullable BatchStream<OutgoingPageRequests> out;

        BatchStream<OutgoingPageRequests> out() {
            if (out == null) {
                throw new IllegalStateException("stream: not started (expected: started)");
            }
            return out;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<OutgoingPageRequests> requests) {
            out = new BatchStream<>(turn, requests, fetches);
        }

        @Override
        public void onNext(IncomingPageReplies batch) {
            try (batch) {
                for (int i = 0; i < batch.size(); i++) {
                    int vcpu = (int) batch.requestId(i);
                    frame = (frame + 1) % FRAMES;
                    batch.copyPage(i, frames, (long) frame * PageSet.PAGE_BYTES);
                    command(NotifyKind.NOTIFY_KIND_COMPLETE, vcpu, 1);
                }
            }
        }

        @Override
        public void onError(Throwable error) {
            out().abandon();
        }

        @Override
        public void onCompleted() {
            out().abandon();
        }
    }

    /** The notifier's stream. */
    private final class Verdicts implements StreamObserver<VerdictBatch> {
        @Override
        public void onNext(VerdictBatch batch) {
            for (Verdict verdict : batch.getVerdictsList()) {
                int vcpu = verdict.getVcpuId();
                Outcome.Builder outcome =
                        Outcome.newBuilder().setSequence(sequenceOf[vcpu]).setToken(verdict.getToken());
                if (verdict.getKind() == VerdictKind.VERDICT_KIND_ACCEPTED) {
                    outcome.setKind(OutcomeKind.OUTCOME_KIND_ASYNC);
                } else {
                    outcome.setKind(OutcomeKind.OUTCOME_KIND_RESOLVED)
                            .setSourceValue(PageSource.DRAM.code())
                            .setResolutionValue(Resolution.READY.code());
                }
                answer(outcome.build());
            }
        }

        @Override
        public void onError(Throwable error) {
            notifier.abandon();
        }

        @Override
        public void onCompleted() {
            notifier.abandon();
        }
    }
}
