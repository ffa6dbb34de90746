// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.replay;

import com.google.protobuf.ByteString;
import io.faultline.proto.vcpu.v1.AsyncPfHypercall;
import io.faultline.proto.vcpu.v1.ConfigureAsyncPfRequest;
import io.faultline.proto.vcpu.v1.ConfigureAsyncPfResponse;
import io.faultline.proto.vcpu.v1.Fault;
import io.faultline.proto.vcpu.v1.FaultBatch;
import io.faultline.proto.vcpu.v1.FaultServiceGrpc;
import io.faultline.proto.vcpu.v1.GetVmRequest;
import io.faultline.proto.vcpu.v1.GetVmResponse;
import io.faultline.proto.vcpu.v1.OutcomeBatch;
import io.faultline.proto.vcpu.v1.ReadMemoryRequest;
import io.faultline.proto.vcpu.v1.ReadMemoryResponse;
import io.faultline.proto.vcpu.v1.RegisterVmRequest;
import io.faultline.proto.vcpu.v1.RegisterVmResponse;
import io.faultline.proto.vcpu.v1.UnregisterVmRequest;
import io.faultline.proto.vcpu.v1.UnregisterVmResponse;
import io.faultline.proto.vcpu.v1.VmServiceGrpc;
import io.faultline.proto.vcpu.v1.VmSpec;
import io.faultline.proto.vcpu.v1.WriteMemoryRequest;
import io.faultline.proto.vcpu.v1.WriteMemoryResponse;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The platform as a replay sees it, in a few hundred lines and on one thread: faults of missing pages go asynchronous when
 * the vCPU's {@link FakeVcpu} allows it, and their pages come a moment later.
 */
final class FakePlatform implements AutoCloseable {
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
    private final FakeMemory memory = new FakeMemory(64);
    private final FakeVcpus vcpus = new FakeVcpus(memory, this::later);
    private final Server server;
    private final Set<Integer> breaks = new HashSet<>();
    private boolean isVmLostWithIt;
    private int faults;

    FakePlatform() throws IOException {
        server = ServerBuilder.forPort(0)
                .executor(thread)
                .addService(new FakeFaults())
                .addService(new FakeVms())
                .addService(vcpus.guestService())
                .build()
                .start();
    }

    String address() {
        return "127.0.0.1:" + server.getPort();
    }

    /** Changes something before a replay. */
    FakePlatform with(Consumer<FakeMemory> change) {
        change.accept(memory);
        return this;
    }

    /** Takes the one VM's place before a replay. */
    void registerAnother() {
        vcpus.register(VmSpec.newBuilder().addVcpuIds(0).build());
    }

    /** Does nothing at all for so long when so many faults have come. */
    void standStillOnce(int faults, Duration time) {
        vcpus.standStillOnce(faults, time);
    }

    /**
     * Breaks the stream of faults when that many have come, each time; the last of them may have been carried out, and nobody
     * hears of it.
     */
    void breakAt(Set<Integer> counts) {
        breaks.addAll(counts);
    }

    /** The VM is gone with the stream, as when a vcpu-service was killed and started again. */
    void loseVmAtBreak() {
        isVmLostWithIt = true;
    }

    boolean isRegistered() {
        return vcpus.isRegistered();
    }

    @Override
    public void close() {
        server.shutdownNow();
        thread.shutdownNow();
    }

    private void later(Runnable task) {
        ScheduledFuture<?> _ = thread.schedule(task, 200, TimeUnit.MICROSECONDS);
    }

    private final class FakeFaults extends FaultServiceGrpc.FaultServiceImplBase {
        @Override
        public StreamObserver<FaultBatch> raise(StreamObserver<OutcomeBatch> outcomes) {
            Breakable breakable = new Breakable(outcomes);
            return new StreamObserver<>() {
                @Override
                public void onNext(FaultBatch batch) {
                    for (Fault fault : batch.getFaultsList()) {
                        if (breaks.contains(++faults)) {
                            breakable.isBroken = true;
                        }
                        if (!breakable.isBroken || faults % 2 == 0) {
                            vcpus.fault(fault, breakable);
                        }
                    }
                    if (breakable.isBroken) {
                        if (isVmLostWithIt) {
                            vcpus.unregister();
                        }
                        outcomes.onError(Status.UNAVAILABLE.asRuntimeException());
                    }
                }

                @Override
                public void onError(Throwable error) {}

                @Override
                public void onCompleted() {
                    outcomes.onCompleted();
                }
            };
        }
    }

    /** Where outcomes go, until the stream is broken. */
    private static final class Breakable implements StreamObserver<OutcomeBatch> {
        private final StreamObserver<OutcomeBatch> outcomes;
        private boolean isBroken;

        Breakable(StreamObserver<OutcomeBatch> outcomes) {
            this.outcomes = outcomes;
        }

        @Override
        public void onNext(OutcomeBatch batch) {
            if (!isBroken) {
                outcomes.onNext(batch);
            }
        }

        @Override
        public void onError(Throwable error) {
            outcomes.onError(error);
        }

        @Override
        public void onCompleted() {
            outcomes.onCompleted();
        }
    }

    private final class FakeVms extends VmServiceGrpc.VmServiceImplBase {
        @Override
        public void registerVm(RegisterVmRequest request, StreamObserver<RegisterVmResponse> response) {
            if (vcpus.isRegistered()) {
                response.onError(Status.ALREADY_EXISTS
                        .withDescription("vm_id: " + request.getSpec().getVmId() + " is in use")
                        .asRuntimeException());
                return;
            }
            vcpus.register(request.getSpec());
            answer(response, RegisterVmResponse.getDefaultInstance());
        }

        @Override
        public void getVm(GetVmRequest request, StreamObserver<GetVmResponse> response) {
            if (vcpus.isRegistered()) {
                answer(response, GetVmResponse.getDefaultInstance());
            } else {
                response.onError(Status.NOT_FOUND.asRuntimeException());
            }
        }

        @Override
        public void unregisterVm(UnregisterVmRequest request, StreamObserver<UnregisterVmResponse> response) {
            answer(
                    response,
                    UnregisterVmResponse.newBuilder()
                            .setCounters(vcpus.unregister())
                            .build());
        }

        @Override
        public void configureAsyncPf(
                ConfigureAsyncPfRequest request, StreamObserver<ConfigureAsyncPfResponse> response) {
            AsyncPfHypercall call = request.getHypercall();
            long result = vcpus.hypercall(request.getVcpuId(), call.getFunction(), call.getArgument2());
            answer(
                    response,
                    ConfigureAsyncPfResponse.newBuilder().setResult(result).build());
        }

        @Override
        public void writeMemory(WriteMemoryRequest request, StreamObserver<WriteMemoryResponse> response) {
            ByteString data = request.getData();
            memory.write(request.getIpa(), data.toByteArray());
            answer(response, WriteMemoryResponse.getDefaultInstance());
        }

        @Override
        public void readMemory(ReadMemoryRequest request, StreamObserver<ReadMemoryResponse> response) {
            try {
                byte[] data = memory.read(request.getIpa(), request.getLengthBytes());
                answer(
                        response,
                        ReadMemoryResponse.newBuilder()
                                .setData(ByteString.copyFrom(data))
                                .build());
            } catch (StatusRuntimeException cannotBeHad) {
                response.onError(cannotBeHad);
            }
        }

        private static <T> void answer(StreamObserver<T> response, T message) {
            response.onNext(message);
            response.onCompleted();
        }
    }
}
