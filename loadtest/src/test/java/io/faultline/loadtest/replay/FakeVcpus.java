// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.replay;

import io.faultline.loadtest.guest.AsyncPfFunction;
import io.faultline.model.AsyncPf;
import io.faultline.proto.notifier.v1.GuestBatch;
import io.faultline.proto.notifier.v1.GuestCall;
import io.faultline.proto.notifier.v1.GuestServiceGrpc;
import io.faultline.proto.notifier.v1.HostBatch;
import io.faultline.proto.vcpu.v1.Fault;
import io.faultline.proto.vcpu.v1.OutcomeBatch;
import io.faultline.proto.vcpu.v1.VmCounters;
import io.faultline.proto.vcpu.v1.VmSpec;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** The one VM of a {@link FakePlatform}. */
final class FakeVcpus {
    private final FakeMemory memory;
    private final Consumer<Runnable> later;
    private final Map<Integer, FakeVcpu> vcpus = new HashMap<>();
    private long faults;
    private long standsStillAt;
    private Duration standstill = Duration.ZERO;

    FakeVcpus(FakeMemory memory, Consumer<Runnable> later) {
        this.memory = memory;
        this.later = later;
    }

    boolean isRegistered() {
        return !vcpus.isEmpty();
    }

    void register(VmSpec spec) {
        spec.getVcpuIdsList().forEach(id -> vcpus.put(id, new FakeVcpu(id, memory, later)));
    }

    VmCounters unregister() {
        long tokens = vcpus.values().stream().mapToLong(FakeVcpu::tokensIssued).sum();
        vcpus.clear();
        return VmCounters.newBuilder()
                .setFaults(faults)
                .setTokensIssued(tokens)
                .setPagesWrittenOut(7)
                .build();
    }

    void standStillOnce(int atFault, Duration time) {
        standsStillAt = atFault;
        standstill = time;
    }

    void fault(Fault fault, StreamObserver<OutcomeBatch> outcomes) {
        faults++;
        if (faults == standsStillAt) {
            LockSupport.parkNanos(standstill.toNanos());
        }
        vcpu(fault.getVcpuId()).fault(fault, outcomes);
    }

    long hypercall(int vcpuId, int function, int argument) {
        return switch (function) {
            case AsyncPfFunction.VERSION -> AsyncPf.VERSION;
            case AsyncPfFunction.SLOTS -> AsyncPf.WORKS_PER_VCPU;
            case AsyncPfFunction.SDEI -> AsyncPf.DEFAULT_SDEI_EVENT;
            case AsyncPfFunction.IRQ -> AsyncPf.DEFAULT_INTERRUPT;
            case AsyncPfFunction.ENABLE -> vcpu(vcpuId).enable((argument & 1) != 0);
            default -> -1;
        };
    }

    GuestServiceGrpc.GuestServiceImplBase guestService() {
        return new GuestServiceGrpc.GuestServiceImplBase() {
            @Override
            public StreamObserver<GuestBatch> attach(StreamObserver<HostBatch> events) {
                return new StreamObserver<>() {
                    @Override
                    public void onNext(GuestBatch batch) {
                        HostBatch.Builder answers = HostBatch.newBuilder();
                        for (GuestCall call : batch.getCallsList()) {
                            vcpu(call.getVcpuId()).call(call, events, answers);
                        }
                        if (answers.getEventsCount() > 0) {
                            events.onNext(answers.build());
                        }
                    }

                    @Override
                    public void onError(Throwable error) {
                        vcpus.values().forEach(FakeVcpu::detach);
                    }

                    @Override
                    public void onCompleted() {
                        vcpus.values().forEach(FakeVcpu::detach);
                        events.onCompleted();
                    }
                };
            }
        };
    }

    private FakeVcpu vcpu(int id) {
        FakeVcpu vcpu = vcpus.get(id);
        if (vcpu == null) {
            throw new IllegalArgumentException("vCPU: " + id + " (expected: one of " + vcpus.keySet() + ")");
        }
        return vcpu;
    }
}
