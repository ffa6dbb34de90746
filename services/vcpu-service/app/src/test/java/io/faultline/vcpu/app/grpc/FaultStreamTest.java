// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.faultline.model.FailReason;
import io.faultline.model.PageSize;
import io.faultline.proto.vcpu.v1.Fault;
import io.faultline.proto.vcpu.v1.FaultBatch;
import io.faultline.proto.vcpu.v1.Outcome;
import io.faultline.proto.vcpu.v1.OutcomeBatch;
import io.faultline.rpc.Client;
import io.faultline.rpc.ClientLimit;
import io.faultline.rpc.ServiceLoop;
import io.faultline.rpc.Turn;
import io.faultline.rpc.access.Caller;
import io.faultline.rpc.tls.Identity;
import io.faultline.telemetry.trace.TraceQueue;
import io.faultline.vcpu.app.host.FaultTimers;
import io.faultline.vcpu.app.host.FaultTraces;
import io.faultline.vcpu.app.host.HostedVm;
import io.faultline.vcpu.app.host.NoNotifications;
import io.faultline.vcpu.app.host.Planes;
import io.faultline.vcpu.app.host.StuckTiers;
import io.faultline.vcpu.app.host.Vms;
import io.faultline.vcpu.domain.MachineSpec;
import io.faultline.vcpu.domain.Memslot;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** What a stream reads and when it stops, over a VM whose frames are all dirty and whose tiers never answer. */
class FaultStreamTest {
    private static final long VM = 1;
    private static final int VCPUS = 64;
    private static final int IN_FLIGHT_MAX = 4096;
    private static final int FAULTS_MAX = 6000;
    private static final int CLIENT_FAULTS_MAX = 5000;
    private static final Caller OWNER = Caller.of(Identity.parse("spiffe://faultline/client/owner"));
    private static final Caller OTHER = Caller.of(Identity.parse("spiffe://faultline/client/other"));

    @AutoClose
    private final ServiceLoop loop = ServiceLoop.start("test");

    private final ArrayDeque<Runnable> turnEnds = new ArrayDeque<>();
    private final Vms vms = new Vms(1 << 30, 10, 1000);
    private final FaultDesk desk = new FaultDesk(
            vms,
            new FaultTimers(),
            new FaultTraces(0, TraceQueue.off()),
            loop::nowNs,
            new FaultDesk.Limits(FAULTS_MAX, CLIENT_FAULTS_MAX));
    private final Planes planes = new Planes(desk, new StuckTiers(), new NoNotifications(), step -> {});
    private final HostedVm vm = vms.register(
            new MachineSpec(
                    VM,
                    List.of(new Memslot(0, 0, 1 << 20, false)),
                    IntStream.range(0, VCPUS).boxed().toList(),
                    64,
                    PageSize.SIZE_4K,
                    1,
                    17,
                    true,
                    1_000_000_000,
                    0,
                    1),
            OWNER,
            planes,
            () -> {},
            0);
    private final List<FaultStream> ended = new ArrayList<>();
    private final RecordingCall call = new RecordingCall();
    private final FaultStream stream =
            new FaultStream(loop, new Turn(turnEnds::add), desk, IN_FLIGHT_MAX, client(OWNER), ended::add);

    @Test
    void aStreamAsksForOneBatchAtATime() {
        assertThat(call.requested).isEqualTo(1);

        stream.onNext(writes(0, 64));

        assertThat(call.requested).isEqualTo(2);
    }

    @Test
    void outcomesOfOneTurnGoOutInOneMessage() {
        stream.onNext(writes(0, 10));
        assertThat(call.sent).isEmpty();

        endTurn();

        assertThat(call.sent).hasSize(1);
        assertThat(call.sent.getFirst().getOutcomesList())
                .extracting(Outcome::getSequence)
                .containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
    }

    @Test
    void aStreamIsNotReadOnceItsFaultsInFlightLeaveNoRoomForABatch() {
        stream.onNext(writes(0, 64));
        int stuck = 0;
        while (call.requested == stuck / 1024 + 2) {
            stream.onNext(writes(64 + stuck, 1024));
            stuck += 1024;
        }

        assertThat(stream.inFlight()).isEqualTo(4096);
        assertThat(desk.size()).isEqualTo(4096);
    }

    @Test
    void faultsBeyondTheBoundOfAllStreamsFail() {
        fillUp();
        RecordingCall another = new RecordingCall();
        FaultStream second = new FaultStream(
                loop,
                new Turn(turnEnds::add),
                desk,
                IN_FLIGHT_MAX,
                new FaultStream.Sender(OWNER, Client.current(), another),
                ended::add);

        second.onNext(writes(8192, 1024));
        second.onNext(writes(9216, 1024));
        endTurn();

        assertThat(desk.size()).isEqualTo(FAULTS_MAX);
        assertThat(another.sent.getFirst().getOutcomes(0).getDetail())
                .isEqualTo("faults in flight: 6000 (expected: < 6000, faultline.vcpu.faults-max)");
        assertThat(desk.refused(FailReason.OVERLOADED)).isEqualTo(4096 + 2048 - FAULTS_MAX);
    }

    @Test
    void faultsBeyondTheBoundOfOneClientFailAndOfAnotherGoOn() {
        fillUp();
        stream.onNext(writes(8192, 1024));
        endTurn();

        assertThat(desk.size()).isEqualTo(CLIENT_FAULTS_MAX);
        assertThat(desk.refused(FailReason.OVERLOADED)).isEqualTo(4096 + 1024 - CLIENT_FAULTS_MAX);
        assertThat(call.sent.getLast().getOutcomesList())
                .extracting(Outcome::getDetail)
                .contains("faults in flight of client nobody: 5000 (expected: < 5000,"
                        + " faultline.vcpu.client-faults-max)");

        FaultStream others = new FaultStream(
                loop,
                new Turn(turnEnds::add),
                desk,
                IN_FLIGHT_MAX,
                new FaultStream.Sender(OWNER, Client.current(), new RecordingCall()),
                ended::add);
        others.onNext(writes(16_384, 100));
        assertThat(others.inFlight()).isEqualTo(100);

        vms.unregister(vm, 1);
        assertThat(desk.size()).isZero();
        assertThat(stream.client().held(ClientLimit.FAULTS)).isZero();
    }

    @Test
    void whatTheContractDoesNotKnowIsNotKept() {
        Fault fault = writes(0, 1).getFaults(0);
        Fault bloated = fault.toBuilder()
                .setUnknownFields(UnknownFieldSet.newBuilder()
                        .addField(
                                1_000,
                                UnknownFieldSet.Field.newBuilder()
                                        .addLengthDelimited(ByteString.copyFrom(new byte[1 << 20]))
                                        .build())
                        .build())
                .build();

        assertThat(FaultDesk.known(bloated)).isEqualTo(fault);
        assertThat(FaultDesk.known(fault)).isSameAs(fault);
    }

    @Test
    void faultsThatEndMakeRoomForTheNextBatch() {
        fillUp();
        int requested = call.requested;

        vms.unregister(vm, 1);

        assertThat(stream.inFlight()).isZero();
        assertThat(desk.size()).isZero();
        assertThat(call.requested).isEqualTo(requested + 1);
    }

    @Test
    void aClientThatTakesNoOutcomesIsNotRead() {
        call.ready = false;
        stream.onNext(writes(0, 10));
        assertThat(call.requested).isEqualTo(1);

        call.becomeReady();

        assertThat(call.requested).isEqualTo(2);
    }

    @Test
    void aStreamThatBrokeLeavesItsFaultsToEndByThemselves() {
        fillUp();
        endTurn();
        int sent = call.sent.size();

        call.cancel();
        vms.unregister(vm, 1);
        endTurn();

        assertThat(ended).containsExactly(stream);
        assertThat(desk.size()).isZero();
        assertThat(call.sent).hasSize(sent);
    }

    @Test
    void aClientThatIsDoneIsAnsweredOnceItsLastFaultHasEnded() {
        stream.onNext(writes(0, 65));
        stream.onCompleted();
        endTurn();
        assertThat(call.completed).isFalse();

        vms.unregister(vm, 1);

        assertThat(call.completed).isTrue();
        assertThat(call.sent).flatExtracting(OutcomeBatch::getOutcomesList).hasSize(65);
    }

    @Test
    void aBatchThatIsTooLongEndsTheStreamOnce() {
        stream.onNext(writes(0, 1025));
        call.cancel();

        assertThat(Status.fromThrowable(call.error).getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(ended).containsExactly(stream);
        assertThat(stream.inFlight()).isZero();
    }

    @Test
    void aFaultOfAnotherClientsVmEndsTheStreamAndIsNotRaised() {
        FaultStream strange =
                new FaultStream(loop, new Turn(turnEnds::add), desk, IN_FLIGHT_MAX, client(OTHER), ended::add);

        strange.onNext(writes(0, 3));

        assertThat(Status.fromThrowable(call.error).getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(Status.fromThrowable(call.error).getDescription())
                .isEqualTo("caller: spiffe://faultline/client/other raises faults of VM 1"
                        + " (expected: the client that registered it, or an admin)");
        assertThat(ended).containsExactly(strange);
        assertThat(vm.machine().faultsInFlight()).isZero();
        assertThat(desk.size()).isZero();
    }

    @Test
    void aClientsOtherConnectionAndAnAdminRaiseItsFaultsToo() {
        for (String party : List.of("client/owner", "admin/me")) {
            Caller caller = Caller.of(Identity.parse("spiffe://faultline/" + party));
            new FaultStream(loop, new Turn(turnEnds::add), desk, IN_FLIGHT_MAX, client(caller), ended::add)
                    .onNext(writes(0, 3));
        }

        assertThat(call.error).isNull();
        assertThat(ended).isEmpty();
    }

    /* What was allowed for a VM is not for the next of that id. */
    @Test
    void aVmOfTheSameIdThatAnotherClientRegisteredIsAnotherVm() {
        stream.onNext(writes(0, 3));
        vms.unregister(vm, 1);
        vms.register(vm.spec(), OTHER, planes, () -> {}, 1);

        stream.onNext(writes(0, 3));

        assertThat(Status.fromThrowable(call.error).getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
    }

    private FaultStream.Sender client(Caller caller) {
        return new FaultStream.Sender(caller, Client.current(), call);
    }

    private void fillUp() {
        stream.onNext(writes(0, 64));
        for (int batch = 0; batch < 4; batch++) {
            stream.onNext(writes(64 + 1024 * batch, 1024));
        }
    }

    /** Writes to pages of their own; the first 64 find a frame, and none is ever freed. */
    private static FaultBatch writes(int first, int count) {
        FaultBatch.Builder batch = FaultBatch.newBuilder();
        for (int i = first; i < first + count; i++) {
            batch.addFaults(FaultClient.write(VM, i, i, "stamp").setVcpuId(i % VCPUS));
        }
        return batch.build();
    }

    private void endTurn() {
        Runnable end;
        while ((end = turnEnds.poll()) != null) {
            end.run();
        }
    }

    /** A server's side of a call, as the client would see it. */
    private static final class RecordingCall extends ServerCallStreamObserver<OutcomeBatch> {
        private final List<OutcomeBatch> sent = new ArrayList<>();
        private int requested;
        private boolean ready = true;
        private boolean completed;
        private @Nullable Throwable error;
        private Runnable onReady = () -> {};
        private Runnable onCancel = () -> {};

        void becomeReady() {
            ready = true;
            onReady.run();
        }

        void cancel() {
            onCancel.run();
        }

        @Override
        public void onNext(OutcomeBatch batch) {
            sent.add(batch);
        }

        @Override
        public void onError(Throwable failure) {
            error = failure;
        }

        @Override
        public void onCompleted() {
            completed = true;
        }

        @Override
        public void request(int count) {
            requested += count;
        }

        @Override
        public boolean isReady() {
            return ready;
        }

        @Override
        public void setOnReadyHandler(Runnable handler) {
            onReady = handler;
        }

        @Override
        public void setOnCancelHandler(Runnable handler) {
            onCancel = handler;
        }

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public void disableAutoRequest() {}

        @Override
        public void disableAutoInboundFlowControl() {}

        @Override
        public void setMessageCompression(boolean enable) {}

        @Override
        public void setCompression(String compression) {}
    }
}
