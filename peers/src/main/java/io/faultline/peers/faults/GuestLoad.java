// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.peers.faults;

import io.faultline.model.Token;
import io.faultline.peers.CpuMeter;
import io.faultline.peers.Peer;
import io.faultline.peers.Sample;
import io.faultline.proto.notifier.v1.GuestBatch;
import io.faultline.proto.notifier.v1.GuestCall;
import io.faultline.proto.notifier.v1.GuestServiceGrpc;
import io.faultline.proto.notifier.v1.HostBatch;
import io.faultline.proto.notifier.v1.HostEvent;
import io.faultline.proto.notifier.v1.Reason;
import io.faultline.proto.vcpu.v1.Access;
import io.faultline.proto.vcpu.v1.FaultBatch;
import io.faultline.proto.vcpu.v1.FaultServiceGrpc;
import io.faultline.proto.vcpu.v1.Outcome;
import io.faultline.proto.vcpu.v1.OutcomeBatch;
import io.faultline.proto.vcpu.v1.Privilege;
import io.faultline.proto.vcpu.v1.Resolution;
import io.faultline.rpc.BatchStream;
import io.faultline.rpc.Channels;
import io.faultline.rpc.ServiceLoop;
import io.faultline.rpc.Turn;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A guest that only faults: each vCPU touches a page that is away, puts its task aside when it is told so, takes the
 * page-ready interrupt, clears, acknowledges, and touches the next page once the acknowledgement has returned. It does all
 * that a guest must and nothing that it need not. The caller's thread waits while the loop works.
 */
final class GuestLoad implements Peer<VcpusShape>, AutoCloseable {
    private static final long PATIENCE_S = 120;

    private final String name;
    private final GuestSetting setting;
    private final CpuMeter cpu;
    private final ServiceLoop loop;
    private final Turn turn;
    private final ManagedChannel vcpuChannel;
    private final ManagedChannel notifierChannel;
    private final GuestVcpu[] vcpus;
    private final Faults faults = new Faults();
    private final Calls calls = new Calls();
    private final BatchStream<FaultBatch> faultsOut;
    private final BatchStream<GuestBatch> callsOut;
    private final GuestBoot boot;
    private FaultWindow window = new FaultWindow(0);
    private CompletableFuture<Void> done = new CompletableFuture<>();
    private long sequence;
    private long touched;

    GuestLoad(String name, GuestSetting setting, CpuMeter cpu) {
        this.name = name;
        this.setting = setting;
        this.cpu = cpu;
        loop = ServiceLoop.start(name);
        turn = new Turn(loop);
        vcpuChannel = Channels.connect(loop, setting.vcpuAddress());
        notifierChannel = Channels.connect(loop, setting.notifierAddress());
        vcpus = new GuestVcpu[setting.vcpus()];
        for (int id = 0; id < vcpus.length; id++) {
            vcpus[id] = new GuestVcpu(id);
        }
        boot = new GuestBoot(setting, vcpuChannel, vcpus, this::send);
        faultsOut = new BatchStream<>(
                turn,
                (ClientCallStreamObserver<FaultBatch>)
                        FaultServiceGrpc.newStub(vcpuChannel).raise(new Outcomes()),
                faults);
        callsOut = new BatchStream<>(
                turn,
                (ClientCallStreamObserver<GuestBatch>)
                        GuestServiceGrpc.newStub(notifierChannel).attach(new Events()),
                calls);
    }

    @Override
    public String name() {
        return name;
    }

    /** Brings a VM of the fault plane up: memory that was written, vCPUs with asynchronous faults on. */
    void boot() throws Exception {
        boot.register();
        loop.execute(boot::begin);
        boot.done().get(PATIENCE_S, TimeUnit.SECONDS);
    }

    /** For a host that knows no VMs: attaches only. */
    void attach() throws Exception {
        loop.execute(boot::attachOnly);
        boot.done().get(PATIENCE_S, TimeUnit.SECONDS);
    }

    @Override
    public Sample run(VcpusShape shape, long durationNs) throws Exception {
        CompletableFuture<Void> ended = new CompletableFuture<>();
        cpu.begin();
        FaultWindow measured = new FaultWindow(durationNs);
        loop.execute(() -> {
            window = measured;
            done = ended;
            for (int id = 0; id < shape.inFlight(); id++) {
                raise(vcpus[id]);
            }
        });
        ended.get(PATIENCE_S + TimeUnit.NANOSECONDS.toSeconds(durationNs), TimeUnit.SECONDS);
        return measured.sample(cpu);
    }

    private void raise(GuestVcpu vcpu) {
        window.began();
        vcpu.raise(++sequence);
        faults.batch
                .addFaultsBuilder()
                .setSequence((sequence << Integer.SIZE) | vcpu.id)
                .setVmId(setting.vmId())
                .setVcpuId(vcpu.id)
                .setIpa(setting.ipa(touched++))
                .setAccess(Access.ACCESS_READ)
                .setPrivilege(Privilege.PRIVILEGE_USER);
        faultsOut.appended();
    }

    private void ended(GuestVcpu vcpu, FaultWindow.How how) {
        window.ended(how, vcpu.raisedNs());
        if (window.goesOn()) {
            raise(vcpu);
        } else if (window.isIdle()) {
            done.complete(null);
        }
    }

    private void send(GuestCall call) {
        calls.batch.addCalls(call);
        callsOut.appended();
    }

    private void fail(Throwable failure) {
        done.completeExceptionally(failure);
        boot.done().completeExceptionally(failure);
    }

    @Override
    public void close() {
        vcpuChannel.shutdownNow();
        notifierChannel.shutdownNow();
        loop.close();
    }

    /** The open batch of faults. */
    private static final class Faults implements BatchStream.Batch<FaultBatch> {
        private static final int FAULTS_MAX = 1_024;
        private FaultBatch.Builder batch = FaultBatch.newBuilder();

        @Override
        public boolean isEmpty() {
            return batch.getFaultsCount() == 0;
        }

        @Override
        public boolean isFull() {
            return batch.getFaultsCount() == FAULTS_MAX;
        }

        @Override
        public FaultBatch take() {
            FaultBatch taken = batch.build();
            batch = FaultBatch.newBuilder();
            return taken;
        }
    }

    /** The open batch of calls. */
    private static final class Calls implements BatchStream.Batch<GuestBatch> {
        private static final int CALLS_MAX = 1_024;
        private GuestBatch.Builder batch = GuestBatch.newBuilder();

        @Override
        public boolean isEmpty() {
            return batch.getCallsCount() == 0;
        }

        @Override
        public boolean isFull() {
            return batch.getCallsCount() == CALLS_MAX;
        }

        @Override
        public GuestBatch take() {
            GuestBatch taken = batch.build();
            batch = GuestBatch.newBuilder();
            return taken;
        }
    }

    /** What the fault plane says. */
    private final class Outcomes implements StreamObserver<OutcomeBatch> {
        @Override
        public void onNext(OutcomeBatch batch) {
            try {
                for (Outcome outcome : batch.getOutcomesList()) {
                    take(outcome);
                }
            } catch (RuntimeException e) {
                fail(e);
            }
        }

        private void take(Outcome outcome) {
            GuestVcpu vcpu = vcpus[(int) outcome.getSequence()];
            long fault = outcome.getSequence() >>> Integer.SIZE;
            switch (outcome.getKind()) {
                case OUTCOME_KIND_ASYNC -> vcpu.decided(fault, outcome.getToken(), window);
                case OUTCOME_KIND_RESOLVED -> resolved(vcpu, fault, outcome);
                case OUTCOME_KIND_MAPPED -> {
                    vcpu.endedUntold(fault);
                    ended(vcpu, FaultWindow.How.SYNCHRONOUS);
                }
                case OUTCOME_KIND_FAILED, OUTCOME_KIND_UNSPECIFIED, UNRECOGNIZED ->
                    throw new IllegalStateException("a fault failed: " + outcome);
            }
        }

        private void resolved(GuestVcpu vcpu, long fault, Outcome outcome) {
            if (outcome.getResolution() == Resolution.RESOLUTION_CANCELLED) {
                vcpu.endedUntold(fault);
                ended(vcpu, FaultWindow.How.CANCELLED);
            } else if (outcome.getResolution() != Resolution.RESOLUTION_READY) {
                throw new IllegalStateException("a token ended otherwise: " + outcome);
            } else if (vcpu.resolved(fault, outcome.getToken(), window)) {
                ended(vcpu, FaultWindow.How.READY);
            }
        }

        @Override
        public void onError(Throwable error) {
            fail(error);
        }

        @Override
        public void onCompleted() {
            fail(new IllegalStateException(name + " ended the stream of faults"));
        }
    }

    /** What the notification plane says. */
    private final class Events implements StreamObserver<HostBatch> {
        @Override
        public void onNext(HostBatch batch) {
            try {
                for (HostEvent event : batch.getEventsList()) {
                    take(event);
                }
            } catch (RuntimeException e) {
                fail(e);
            }
        }

        private void take(HostEvent event) {
            GuestVcpu vcpu = vcpus[event.getVcpuId()];
            switch (event.getKind()) {
                case HOST_EVENT_KIND_SDEI_EVENT -> {
                    require(event, Reason.REASON_PAGE_NOT_PRESENT);
                    vcpu.told(event.getToken(), window);
                    send(vcpu.calls.clear);
                    send(vcpu.calls.resume);
                }
                case HOST_EVENT_KIND_INTERRUPT -> {
                    require(event, Reason.REASON_PAGE_READY);
                    send(vcpu.calls.clear);
                    if (event.getToken() == Token.WAKE_ALL) {
                        send(vcpu.calls.acknowledgeWakeAll);
                    } else {
                        vcpu.ready(event.getToken(), window);
                        send(vcpu.calls.acknowledge);
                    }
                }
                case HOST_EVENT_KIND_RESULT -> {
                    if (event.getCallId() != GuestCalls.ACKNOWLEDGE_ID) {
                        boot.returned(vcpu, event.getCallId(), event.getResult());
                    } else if (vcpu.acknowledged()) {
                        ended(vcpu, FaultWindow.How.READY);
                    }
                }
                case HOST_EVENT_KIND_ATTACHED -> boot.attached(vcpu);
                case HOST_EVENT_KIND_DETACHED, HOST_EVENT_KIND_RESUMED, HOST_EVENT_KIND_UNSPECIFIED, UNRECOGNIZED ->
                    throw new IllegalStateException("the host said: " + event);
            }
        }

        private static void require(HostEvent event, Reason expected) {
            if (event.getReason() != expected) {
                throw new IllegalStateException("the shared area said " + event + " (expected: " + expected + ")");
            }
        }

        @Override
        public void onError(Throwable error) {
            fail(error);
        }

        @Override
        public void onCompleted() {
            fail(new IllegalStateException(name + " ended the stream of events"));
        }
    }
}
