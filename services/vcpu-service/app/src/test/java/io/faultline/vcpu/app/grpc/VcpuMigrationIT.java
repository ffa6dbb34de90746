// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import static io.faultline.vcpu.app.grpc.Cluster.BASE_GFN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import io.faultline.proto.notifier.v1.ImportSdeiRequest;
import io.faultline.proto.notifier.v1.NotifyCommand;
import io.faultline.proto.notifier.v1.NotifyKind;
import io.faultline.proto.notifier.v1.SdeiEventState;
import io.faultline.proto.notifier.v1.SdeiState;
import io.faultline.proto.vcpu.v1.AsyncPfHypercall;
import io.faultline.proto.vcpu.v1.ConfigureAsyncPfRequest;
import io.faultline.proto.vcpu.v1.ConfigureAsyncPfResponse;
import io.faultline.proto.vcpu.v1.ExportVcpuStateRequest;
import io.faultline.proto.vcpu.v1.ImportVcpuStateRequest;
import io.faultline.proto.vcpu.v1.ImportVcpuStateResponse;
import io.faultline.proto.vcpu.v1.UnregisterVmRequest;
import io.faultline.proto.vcpu.v1.VcpuState;
import io.faultline.proto.vcpu.v1.VmServiceGrpc;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** One side of a migration: the calls of vcpu-service, with a notifier that does as it is told. */
class VcpuMigrationIT {
    private static final long VM = 7;
    private static final long ON = BASE_GFN * Cluster.PAGE | 1;
    private static final SdeiState SDEI = SdeiState.newBuilder()
            .setAsyncPfEvent(0x4040_0002)
            .addEvents(SdeiEventState.newBuilder()
                    .setEvent(0x4040_0002)
                    .setFlags(3)
                    .setEntry(0x1000))
            .build();
    private static final VcpuState STATE = VcpuState.newBuilder()
            .setSdeiEvent(0x4040_0002)
            .setPageReadyInterrupt(20)
            .setControl(ON)
            .setSdeiState(SDEI.toByteString())
            .build();

    private final Cluster cluster = new Cluster();

    @BeforeEach
    void register() {
        cluster.register(VM);
    }

    @AfterEach
    void stop() throws InterruptedException {
        cluster.close();
    }

    @Test
    @Tag("G17")
    void whatWasImportedIsExported() {
        cluster.notifier.sdeiState(SDEI);
        importState(STATE);

        assertThat(exported()).isEqualTo(STATE);
        ImportSdeiRequest imported = cluster.notifier.imports().getFirst();
        assertThat(imported.getState()).isEqualTo(SDEI);
        NotifyCommand arm =
                cluster.notifier.commands(VM, NotifyKind.NOTIFY_KIND_ARM).getLast();
        assertThat(arm.getEpoch()).isGreaterThan(imported.getEpoch());
        assertThat(arm.getSdeiEvent()).isEqualTo(0x4040_0002);
        assertThat(arm.getPageReadyInterrupt()).isEqualTo(20);
        Cluster.await(() ->
                !cluster.notifier.commands(VM, NotifyKind.NOTIFY_KIND_WAKE_ALL).isEmpty());
    }

    @Test
    void anImportMayBeRepeated() {
        importState(STATE);
        importState(STATE);

        assertThat(exported().getControl()).isEqualTo(ON);
        assertThat(cluster.notifier.imports())
                .extracting(ImportSdeiRequest::getEpoch)
                .doesNotHaveDuplicates()
                .isSorted();
    }

    /** What was disabled stays so, and the numbers 0 stand for those of the registration. */
    @Test
    void aDisabledVcpuIsImportedWithoutWakingAnyone() {
        importState(VcpuState.newBuilder().setSdeiState(SDEI.toByteString()).build());

        assertThat(exported().getControl()).isZero();
        assertThat(exported().getSdeiEvent()).isEqualTo(0x4040_0001);
        assertThat(exported().getPageReadyInterrupt()).isEqualTo(17);
        assertThat(cluster.notifier.commands(VM, NotifyKind.NOTIFY_KIND_ARM)).isEmpty();
    }

    /** A host without a notifier has no SDEI state to give. */
    @Test
    void withoutSdeiStateTheVcpuIsReset() {
        importState(STATE.toBuilder().clearSdeiState().build());

        assertThat(cluster.notifier.imports()).isEmpty();
        assertThat(cluster.notifier.commands(VM, NotifyKind.NOTIFY_KIND_RESET)).hasSize(1);
        assertThat(exported().getControl()).isEqualTo(ON);
    }

    @Test
    void numbersOutOfRangeAndBytesOfSomethingElseAreRefused() {
        assertThat(refusalOf(STATE.toBuilder().setSdeiEvent(1L << 31).build()))
                .isEqualTo("INVALID_ARGUMENT state: sdei_event: 2147483648 (expected: 0 to 2147483647)");
        assertThat(refusalOf(STATE.toBuilder().setPageReadyInterrupt(32).build()))
                .isEqualTo("INVALID_ARGUMENT state: page_ready_interrupt: 32 (expected: 0, or 16 to 31)");
        assertThat(refusalOf(STATE.toBuilder()
                        .setSdeiState(ByteString.copyFromUtf8("xyz"))
                        .build()))
                .isEqualTo("INVALID_ARGUMENT state.sdei_state: 3 bytes (expected: what ExportVcpuState returned)");
        assertThat(cluster.notifier.imports()).isEmpty();
    }

    /** I31. */
    @Test
    @Tag("G15")
    void aWordThatCannotBeEnabledHereLeavesItOff() {
        assertThat(refusalOf(STATE.toBuilder().setControl(0x40 | 1).build()))
                .startsWith("FAILED_PRECONDITION control: 0x41 could not be set (SET_CONTROL returned -5)");
        assertThat(exported().getControl()).isZero();
    }

    @Test
    void whatTheNotifierRefusesLeavesTheVcpuReset() {
        hypercallEnable();
        cluster.notifier.refuseImports(Status.INVALID_ARGUMENT.withDescription("state: event 3"));

        assertThat(refusalOf(STATE)).isEqualTo("INVALID_ARGUMENT state.sdei_state: notifier-service: state: event 3");

        assertThat(exported().getControl()).isZero();
        long imported = cluster.notifier.imports().getFirst().getEpoch();
        Cluster.await(() -> cluster.notifier.commands(VM, NotifyKind.NOTIFY_KIND_RESET).stream()
                .anyMatch(reset -> reset.getEpoch() > imported));
    }

    @Test
    void aNotifierThatIsAwayIsSaidToBe() throws InterruptedException {
        cluster.notifierPeer.goAway();
        Cluster.await(() -> !cluster.service().getBean(GrpcNotifier.class).isConnected());

        assertThat(refusalOf(STATE)).isEqualTo("UNAVAILABLE notifier-service: not connected");
        assertThat(catchThrowableOfType(StatusRuntimeException.class, this::exported)
                        .getStatus()
                        .getCode())
                .isEqualTo(Status.Code.UNAVAILABLE);
    }

    @Test
    void aGuestThatEnablesMeanwhileGoesFirst() {
        cluster.notifier.holdImports();
        ListenableFuture<ImportVcpuStateResponse> importing = importing();

        assertThat(hypercallEnable().getResult()).isZero();
        cluster.notifier.answerImport();

        assertThat(codeOf(importing)).isEqualTo(Status.Code.ABORTED);
        assertThat(exported().getControl()).isEqualTo(ON);
    }

    @Test
    void aVmThatIsUnregisteredMeanwhileIsNotTouched() {
        cluster.notifier.holdImports();
        ListenableFuture<ImportVcpuStateResponse> importing = importing();

        assertThat(cluster.vms()
                        .unregisterVm(
                                UnregisterVmRequest.newBuilder().setVmId(VM).build()))
                .isNotNull();
        cluster.notifier.answerImport();

        assertThat(codeOf(importing)).isEqualTo(Status.Code.ABORTED);
    }

    @Test
    void vmsAndVcpusThatAreNotHereAreNotFound() {
        assertThat(catchThrowableOfType(
                                StatusRuntimeException.class,
                                () -> cluster.vms()
                                        .exportVcpuState(ExportVcpuStateRequest.newBuilder()
                                                .setVmId(VM)
                                                .setVcpuId(9)
                                                .build()))
                        .getStatus()
                        .getCode())
                .isEqualTo(Status.Code.NOT_FOUND);
        assertThat(catchThrowableOfType(
                                StatusRuntimeException.class,
                                () -> cluster.vms().importVcpuState(request(STATE, 8)))
                        .getStatus()
                        .getCode())
                .isEqualTo(Status.Code.NOT_FOUND);
    }

    private VcpuState exported() {
        return cluster.vms()
                .exportVcpuState(ExportVcpuStateRequest.newBuilder().setVmId(VM).build())
                .getState();
    }

    private void importState(VcpuState state) {
        assertThat(cluster.vms().importVcpuState(request(state, VM))).isNotNull();
    }

    private ListenableFuture<ImportVcpuStateResponse> importing() {
        ListenableFuture<ImportVcpuStateResponse> importing =
                VmServiceGrpc.newFutureStub(cluster.channel()).importVcpuState(request(STATE, VM));
        Cluster.await(() -> !cluster.notifier.imports().isEmpty());
        return importing;
    }

    private String refusalOf(VcpuState state) {
        Status status = catchThrowableOfType(
                        StatusRuntimeException.class, () -> cluster.vms().importVcpuState(request(state, VM)))
                .getStatus();
        return status.getCode() + " " + status.getDescription();
    }

    private static Status.Code codeOf(ListenableFuture<ImportVcpuStateResponse> importing) {
        ExecutionException failure =
                catchThrowableOfType(ExecutionException.class, () -> importing.get(10, TimeUnit.SECONDS));
        return Status.fromThrowable(failure).getCode();
    }

    private static ImportVcpuStateRequest request(VcpuState state, long vmId) {
        return ImportVcpuStateRequest.newBuilder().setVmId(vmId).setState(state).build();
    }

    private ConfigureAsyncPfResponse hypercallEnable() {
        return cluster.vms()
                .configureAsyncPf(ConfigureAsyncPfRequest.newBuilder()
                        .setVmId(VM)
                        .setHypercall(AsyncPfHypercall.newBuilder()
                                .setFunction(4)
                                .setArgument2((int) ON)
                                .setArgument3((int) (ON >>> 32)))
                        .build());
    }
}
