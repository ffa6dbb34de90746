// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import com.google.protobuf.InvalidProtocolBufferException;
import io.faultline.proto.notifier.v1.ExportSdeiRequest;
import io.faultline.proto.notifier.v1.ExportSdeiResponse;
import io.faultline.proto.notifier.v1.ImportSdeiRequest;
import io.faultline.proto.notifier.v1.ImportSdeiResponse;
import io.faultline.proto.notifier.v1.NotificationServiceGrpc.NotificationServiceStub;
import io.faultline.proto.notifier.v1.SdeiState;
import io.faultline.proto.vcpu.v1.ExportVcpuStateResponse;
import io.faultline.proto.vcpu.v1.ImportVcpuStateResponse;
import io.faultline.proto.vcpu.v1.VcpuState;
import io.faultline.rpc.ServiceLoop;
import io.faultline.rpc.Statuses;
import io.faultline.vcpu.app.host.HostedVm;
import io.faultline.vcpu.domain.Vcpu;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A vCPU's notification state on its way out of this host or into it: the fault plane's part from its control block, the
 * notifier's part from the notifier. Loop thread only.
 */
/*
 * An import is a reset with another beginning. The control block goes first, with a new epoch; that epoch travels with the
 * SDEI state to the notifier, which drops what is outstanding there as it takes the state; the control word comes last and
 * wakes every task that the guest brought along asleep. Whatever fails on the way, the vCPU is left reset on both sides,
 * with asynchronous faults off, and the whole may be tried again.
 */
public final class VcpuMigrations {
    /** {@code KVM_ARM_ASYNC_PF_COMMAND}'s SET_CONTROL. */
    private static final int SET_CONTROL = 6;
    /** How long the notifier may take to hand state over, in milliseconds. */
    private static final long NOTIFIER_TIMEOUT_MS = 5_000;

    private final ServiceLoop loop;
    private final GrpcNotifier notifier;

    /** Migrations with a notifier. */
    public VcpuMigrations(ServiceLoop loop, GrpcNotifier notifier) {
        this.loop = loop;
        this.notifier = notifier;
    }

    /** What migrates of a vCPU. */
    void exportState(HostedVm vm, Vcpu vcpu, Call<ExportVcpuStateResponse> call) {
        ExportSdeiRequest request = ExportSdeiRequest.newBuilder()
                .setVmId(vm.id())
                .setVcpuId(vcpu.id())
                .build();
        calls().exportSdei(
                        request,
                        new Reply<ExportSdeiResponse>(
                                response -> call.answer(ExportVcpuStateResponse.newBuilder()
                                        .setState(VcpuState.newBuilder()
                                                .setSdeiEvent(vcpu.sdeiEvent())
                                                .setPageReadyInterrupt(vcpu.pageReadyInterrupt())
                                                .setControl(vcpu.control())
                                                .setSdeiState(
                                                        response.getState().toByteString()))
                                        .build()),
                                call::fail));
    }

    /** The vCPU goes on as it was where the state comes from. */
    void importState(HostedVm vm, Vcpu vcpu, VcpuState state, Call<ImportVcpuStateResponse> call) {
        SdeiState sdei = parse(state);
        NotificationServiceStub calls = calls();
        try {
            vcpu.restore(state.getSdeiEvent(), Integer.toUnsignedLong(state.getPageReadyInterrupt()), loop.nowNs());
        } catch (IllegalArgumentException e) {
            throw Statuses.invalid("state", String.valueOf(e.getMessage()));
        }
        if (state.getSdeiState().isEmpty()) {
            vcpu.reset(loop.nowNs());
            setControl(vm, vcpu, state.getControl(), call);
            return;
        }
        long epoch = vcpu.epoch();
        ImportSdeiRequest request = ImportSdeiRequest.newBuilder()
                .setVmId(vm.id())
                .setVcpuId(vcpu.id())
                .setEpoch(epoch)
                .setState(sdei)
                .build();
        calls.importSdei(
                request,
                new Reply<ImportSdeiResponse>(
                        response -> {
                            if (isCurrent(vm, vcpu, epoch)) {
                                setControl(vm, vcpu, state.getControl(), call);
                            } else {
                                call.fail(superseded());
                            }
                        },
                        refusal -> {
                            if (isCurrent(vm, vcpu, epoch)) {
                                vcpu.reset(loop.nowNs());
                                call.fail(refusal);
                            } else {
                                call.fail(superseded());
                            }
                        }));
    }

    private void setControl(HostedVm vm, Vcpu vcpu, long control, Call<ImportVcpuStateResponse> call) {
        HostedVm.ConfigureAnswer answer = (result, value) -> {
            if (result == 0) {
                call.answer(ImportVcpuStateResponse.getDefaultInstance());
            } else {
                call.fail(Statuses.failedPrecondition("control: 0x" + Long.toHexString(control)
                        + " could not be set (SET_CONTROL returned " + result
                        + "); asynchronous faults are off (expected: a word that can be enabled here: its area in "
                        + "writable memory, an interrupt controller, an event and an interrupt, a notifier)"));
            }
        };
        vm.ioctl(vcpu, SET_CONTROL, control, answer, loop.nowNs());
    }

    private NotificationServiceStub calls() {
        if (!notifier.isConnected()) {
            throw Statuses.unavailable("notifier-service: not connected");
        }
        return notifier.calls().withDeadlineAfter(NOTIFIER_TIMEOUT_MS, TimeUnit.MILLISECONDS);
    }

    private static boolean isCurrent(HostedVm vm, Vcpu vcpu, long epoch) {
        return !vm.isClosed() && vcpu.epoch() == epoch;
    }

    private static StatusRuntimeException superseded() {
        return Statuses.aborted(
                "the vCPU was configured, reset or unregistered meanwhile (expected: not before the answer)");
    }

    private static SdeiState parse(VcpuState state) {
        try {
            return SdeiState.parseFrom(state.getSdeiState());
        } catch (InvalidProtocolBufferException e) {
            throw Statuses.invalid(
                    "state.sdei_state",
                    state.getSdeiState().size() + " bytes (expected: what ExportVcpuState returned)");
        }
    }

    /** The notifier's answer to one call: a response, or why there is none in this service's words. */
    private record Reply<R>(Consumer<R> onResponse, Consumer<StatusRuntimeException> onRefusal)
            implements StreamObserver<R> {
        @Override
        public void onNext(R response) {
            onResponse.accept(response);
        }

        @Override
        public void onError(Throwable error) {
            Status status = Status.fromThrowable(error);
            String said = "notifier-service: " + status.getDescription();
            onRefusal.accept(
                    switch (status.getCode()) {
                        case INVALID_ARGUMENT -> Statuses.invalid("state.sdei_state", said);
                        case ABORTED -> Statuses.aborted(said);
                        case NOT_FOUND, UNIMPLEMENTED -> Statuses.failedPrecondition(said);
                        default -> Statuses.unavailable(said);
                    });
        }

        @Override
        public void onCompleted() {}
    }
}
