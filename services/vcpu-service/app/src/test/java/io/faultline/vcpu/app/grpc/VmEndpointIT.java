// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import static io.faultline.vcpu.app.grpc.Cluster.BASE_GFN;
import static io.faultline.vcpu.app.grpc.Cluster.spec;
import static io.faultline.vcpu.app.grpc.FaultClient.read;
import static io.faultline.vcpu.app.grpc.FaultClient.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import io.faultline.proto.notifier.v1.NotifyKind;
import io.faultline.proto.vcpu.v1.AsyncPfHypercall;
import io.faultline.proto.vcpu.v1.AsyncPfIoctl;
import io.faultline.proto.vcpu.v1.ConfigureAsyncPfRequest;
import io.faultline.proto.vcpu.v1.ConfigureAsyncPfResponse;
import io.faultline.proto.vcpu.v1.FailReason;
import io.faultline.proto.vcpu.v1.GetVmRequest;
import io.faultline.proto.vcpu.v1.ListVmsRequest;
import io.faultline.proto.vcpu.v1.ListVmsResponse;
import io.faultline.proto.vcpu.v1.Memslot;
import io.faultline.proto.vcpu.v1.RegisterVmRequest;
import io.faultline.proto.vcpu.v1.ResetVcpuRequest;
import io.faultline.proto.vcpu.v1.SetMemslotRequest;
import io.faultline.proto.vcpu.v1.TierQuota;
import io.faultline.proto.vcpu.v1.UnregisterVmRequest;
import io.faultline.proto.vcpu.v1.UnregisterVmResponse;
import io.faultline.proto.vcpu.v1.Vm;
import io.faultline.proto.vcpu.v1.VmSpec;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What a VM's owner may ask, and what it is told when that cannot be. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VmEndpointIT {
    private static final long VM = 7;

    private Cluster cluster;

    @BeforeAll
    void start() {
        cluster = new Cluster("--faultline.vcpu.vms-max=3", "--faultline.vcpu.frames-max-bytes=1048576");
    }

    @AfterAll
    void stop() throws InterruptedException {
        cluster.close();
    }

    @AfterEach
    void unregisterAll() {
        list("", 0).getVmsList().forEach(vm -> unregister(vm.getSpec().getVmId()));
    }

    @Test
    void aRegisteredVmHasItsDefaultsFilledIn() {
        Vm vm = cluster.register(VM);

        assertThat(vm.getSpec())
                .isEqualTo(spec(VM).setSdeiEvent(0x4040_0001)
                        .setPageReadyInterrupt(17)
                        .setFetchDeadlineMs(10_000)
                        .setTierQuota(TierQuota.newBuilder().setWeight(1))
                        .setPrefetchPagesMax(32)
                        .build());
        assertThat(vm.getRegisteredUnixUs()).isGreaterThan(1_700_000_000_000_000L);
        assertThat(cluster.vms()
                        .getVm(GetVmRequest.newBuilder().setVmId(VM).build())
                        .getVm()
                        .getSpec())
                .isEqualTo(vm.getSpec());
    }

    @Test
    void registeringAnswersWhenTheNotifierKnowsEveryVcpu() {
        Vm vm = cluster.register(VM);

        assertThat(cluster.notifier
                        .commands(VM, NotifyKind.NOTIFY_KIND_CREATE)
                        .reversed()
                        .subList(0, 2))
                .allMatch(create -> create.getEpoch() == vm.getRegisteredUnixUs()
                        && create.getPageReadyInterrupt() == 17
                        && create.getSdeiEvent() == 0x4040_0001)
                .extracting(create -> create.getVcpuId())
                .containsExactly(1, 0);
    }

    @Test
    void anIdInUseIsRefusedAndItsVmIsUntouched() throws Exception {
        cluster.register(VM);
        FaultClient client = cluster.faults();
        client.outcomeOf(write(VM, 1, BASE_GFN, "stamp"));

        StatusRuntimeException refusal = refusal(() -> cluster.register(VM));

        assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.ALREADY_EXISTS);
        assertThat(refusal.getStatus().getDescription())
                .isEqualTo("vm_id: 7 is registered (expected: an id not in use)");
        assertThat(client.outcomeOf(read(VM, 2, BASE_GFN)).getLoaded().toStringUtf8())
                .startsWith("stamp");
    }

    @Test
    void everyFaultOfASpecIsNamedAsAField() throws InvalidProtocolBufferException {
        StatusRuntimeException refusal = refusal(() -> register(spec(VM).clearMemslots()
                .addMemslots(memslot(0, 0x100, 16))
                .addMemslots(memslot(1, 0x10F, 1))
                .addVcpuIds(4096)
                .setPageSizeBytes(8192)
                .setResidentPagesMax(63)));

        assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(violations(refusal))
                .containsExactly(
                        "spec.memslots[1]", "spec.vcpu_ids[2]", "spec.resident_pages_max", "spec.page_size_bytes");
        assertThat(refusal.getStatus().getDescription()).contains("spec.vcpu_ids[2]: 4096 (expected: 0 to 4095)");
    }

    @Test
    void aSpecWithCountlessFaultsStillGetsAReadableRefusal() throws InvalidProtocolBufferException {
        VmSpec.Builder spec = spec(VM);
        IntStream.range(0, 10_000).forEach(i -> spec.addVcpuIds(5_000 + i));

        StatusRuntimeException refusal = refusal(() -> register(spec));

        assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(violations(refusal)).hasSize(17);
        assertThat(refusal.getStatus().getDescription()).endsWith("spec: and 9984 more");
    }

    @Test
    void framesBeyondTheServicesBoundAreRefusedWithTheNumbers() {
        cluster.register(VM);

        StatusRuntimeException refusal = refusal(() -> register(spec(8).setResidentPagesMax(193)));

        assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(refusal.getStatus().getDescription())
                .isEqualTo("resident_pages_max: 193 pages take 790528 bytes"
                        + " (expected: at most 786432 bytes, what is left of 1048576)");
        register(spec(8).setResidentPagesMax(192));
    }

    @Test
    void vmsBeyondTheServicesBoundAreRefused() {
        for (long vm = 1; vm <= 3; vm++) {
            cluster.register(vm);
        }

        StatusRuntimeException refusal = refusal(() -> cluster.register(4));

        assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(refusal.getStatus().getDescription()).isEqualTo("VMs: 3 are registered (expected: at most 3)");
    }

    @Test
    void vmsBeyondAClientsBoundAreRefusedUntilItHasEndedOne() throws Exception {
        Cluster bounded = new Cluster("--faultline.vcpu.client-vms-max=2");
        try {
            bounded.register(1);
            bounded.register(2);

            StatusRuntimeException refusal = refusal(() -> bounded.register(3));

            assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            assertThat(refusal.getStatus().getDescription())
                    .isEqualTo("VMs of client 127.0.0.1: 2 are registered"
                            + " (expected: < 2, faultline.vcpu.client-vms-max)");
            bounded.vms()
                    .unregisterVm(UnregisterVmRequest.newBuilder().setVmId(1).build());
            assertThat(bounded.register(3).getSpec().getVmId()).isEqualTo(3);
        } finally {
            bounded.close();
        }
    }

    @Test
    void anUnregisteredVmIsGoneFromEveryPlane() throws Exception {
        cluster.register(VM);
        FaultClient client = cluster.faults();
        for (int page = 0; page < 128; page++) {
            client.outcomeOf(write(VM, page, BASE_GFN + page, "stamp"));
        }

        UnregisterVmResponse answer = unregister(VM);

        assertThat(answer.getCounters().getFaults()).isEqualTo(128);
        assertThat(cluster.notifier.commands(VM, NotifyKind.NOTIFY_KIND_DESTROY))
                .extracting(destroy -> destroy.getVcpuId())
                .contains(0, 1);
        assertThat(cluster.pager.drops()).endsWith(VM);
        assertThat(cluster.pager.pages(VM)).isZero();
        assertThat(client.outcomeOf(read(VM, 200, BASE_GFN)).getFailReason())
                .isEqualTo(FailReason.FAIL_REASON_NO_SUCH_VM);
        assertThat(refusal(() -> unregister(VM)).getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
    }

    @Test
    void faultsInFlightOfAnUnregisteredVmFail() throws Exception {
        cluster.register(VM);
        FaultClient client = cluster.faults();
        for (int page = 0; page < 128; page++) {
            client.outcomeOf(write(VM, page, BASE_GFN + page, "stamp"));
        }
        cluster.pager.hold();
        int before = cluster.pager.fetches();
        client.raise(read(VM, 200, BASE_GFN));
        Cluster.await(() -> cluster.pager.fetches() > before);

        Thread release = Thread.ofVirtual().start(() -> {
            Cluster.await(() -> list("", 0).getVmsCount() == 0);
            cluster.pager.release();
        });
        unregister(VM);
        release.join();

        assertThat(client.next().getFailReason()).isEqualTo(FailReason.FAIL_REASON_VM_GONE);
    }

    @Test
    void vmsAreListedByIdPageByPage() {
        for (long vm : new long[] {30, 2, 11}) {
            cluster.register(vm);
        }

        ListVmsResponse first = list("", 2);
        ListVmsResponse second = list(first.getNextPageToken(), 2);

        assertThat(first.getVmsList()).extracting(vm -> vm.getSpec().getVmId()).containsExactly(2L, 11L);
        assertThat(second.getVmsList()).extracting(vm -> vm.getSpec().getVmId()).containsExactly(30L);
        assertThat(second.getNextPageToken()).isEmpty();
        assertThat(refusal(() -> list("", 1001)).getStatus().getDescription())
                .isEqualTo("page_size: 1001 (expected: 0 to 1000)");
        assertThat(refusal(() -> list("x", 1)).getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }

    @Test
    void aMemslotComesAndGoesWhileTheVmRuns() throws Exception {
        cluster.register(VM);
        FaultClient client = cluster.faults();
        assertThat(client.outcomeOf(read(VM, 1, 0x9_0000)).getFailReason())
                .isEqualTo(FailReason.FAIL_REASON_NO_MEMSLOT);

        setMemslot(memslot(9, 0x9_0000, 4));
        assertThat(client.outcomeOf(read(VM, 2, 0x9_0000)).getFailReason())
                .isEqualTo(FailReason.FAIL_REASON_UNSPECIFIED);

        setMemslot(memslot(9, 0x9_0000, 0));
        assertThat(client.outcomeOf(read(VM, 3, 0x9_0000)).getFailReason())
                .isEqualTo(FailReason.FAIL_REASON_NO_MEMSLOT);
    }

    @Test
    void aMemslotThatCannotBeIsRefused() {
        cluster.register(VM);

        assertThat(refusal(() -> setMemslot(memslot(9, BASE_GFN + 1, 1)))
                        .getStatus()
                        .getCode())
                .isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(refusal(() -> setMemslot(memslot(512, 1, 1))).getStatus().getDescription())
                .isEqualTo("memslot.slot: 512 (expected: 0 to 511)");
    }

    @Test
    void theHypercallsAnswerWithTheKernelsCodes() {
        cluster.register(VM);

        assertThat(hypercall(0, 0).getResult()).isEqualTo(0x01_0000);
        assertThat(hypercall(1, 0).getResult()).isEqualTo(64);
        assertThat(hypercall(2, 0).getResult()).isEqualTo(0x4040_0001);
        assertThat(hypercall(3, 0).getResult()).isEqualTo(17);
        assertThat(hypercall(4, (int) (BASE_GFN * Cluster.PAGE) | 1).getResult())
                .isZero();
        assertThat(hypercall(4, (int) (BASE_GFN * Cluster.PAGE) | 1).getResult())
                .isEqualTo(-2);
        assertThat(hypercall(4, 0x3F).getResult()).isEqualTo(-3);
        assertThat(hypercall(6, 0).getResult()).isEqualTo(-1);
        assertThat(ioctl(3).getValue()).isEqualTo(BASE_GFN * Cluster.PAGE | 1);
        assertThat(cluster.notifier.commands(VM, NotifyKind.NOTIFY_KIND_WAKE_ALL))
                .isNotEmpty();
    }

    @Test
    void aResetVcpuIsDisabledHereAndAtTheNotifier() {
        cluster.register(VM);
        assertThat(hypercall(4, (int) (BASE_GFN * Cluster.PAGE) | 1).getResult())
                .isZero();

        assertThat(cluster.vms()
                        .resetVcpu(ResetVcpuRequest.newBuilder().setVmId(VM).build()))
                .isNotNull();

        assertThat(ioctl(3).getValue()).isZero();
        long armed = cluster.notifier
                .commands(VM, NotifyKind.NOTIFY_KIND_ARM)
                .getLast()
                .getEpoch();
        Cluster.await(() -> cluster.notifier.commands(VM, NotifyKind.NOTIFY_KIND_RESET).stream()
                .anyMatch(reset -> reset.getEpoch() > armed));
    }

    @Test
    void whatNamesNobodyIsNotFound() {
        cluster.register(VM);

        assertThat(refusal(() -> cluster.vms()
                                .getVm(GetVmRequest.newBuilder().setVmId(9).build()))
                        .getStatus())
                .extracting(Status::getCode, Status::getDescription)
                .containsExactly(Status.Code.NOT_FOUND, "vm_id: 9 (expected: a VM registered here)");
        assertThat(refusal(() -> configure(ConfigureAsyncPfRequest.newBuilder()
                                .setVmId(VM)
                                .setVcpuId(3)
                                .setHypercall(AsyncPfHypercall.getDefaultInstance())))
                        .getStatus())
                .extracting(Status::getCode, Status::getDescription)
                .containsExactly(Status.Code.NOT_FOUND, "vcpu_id: 3 (expected: one of the 2 vCPUs of VM 7)");
    }

    @Test
    void aCommandMustBeGiven() {
        cluster.register(VM);

        assertThat(refusal(() -> configure(ConfigureAsyncPfRequest.newBuilder().setVmId(VM)))
                        .getStatus()
                        .getDescription())
                .isEqualTo("command: none (expected: hypercall or ioctl)");
    }

    private void register(VmSpec.Builder spec) {
        assertThat(cluster.vms()
                        .registerVm(RegisterVmRequest.newBuilder().setSpec(spec).build())
                        .hasVm())
                .isTrue();
    }

    private UnregisterVmResponse unregister(long vm) {
        return cluster.vms()
                .unregisterVm(UnregisterVmRequest.newBuilder().setVmId(vm).build());
    }

    private ListVmsResponse list(String token, int pageSize) {
        return cluster.vms()
                .listVms(ListVmsRequest.newBuilder()
                        .setPageToken(token)
                        .setPageSize(pageSize)
                        .build());
    }

    private void setMemslot(Memslot memslot) {
        assertThat(cluster.vms()
                        .setMemslot(SetMemslotRequest.newBuilder()
                                .setVmId(VM)
                                .setMemslot(memslot)
                                .build()))
                .isNotNull();
    }

    private ConfigureAsyncPfResponse hypercall(int function, int argument2) {
        return configure(ConfigureAsyncPfRequest.newBuilder()
                .setVmId(VM)
                .setHypercall(
                        AsyncPfHypercall.newBuilder().setFunction(function).setArgument2(argument2)));
    }

    private ConfigureAsyncPfResponse ioctl(int command) {
        return configure(ConfigureAsyncPfRequest.newBuilder()
                .setVmId(VM)
                .setIoctl(AsyncPfIoctl.newBuilder().setCommand(command)));
    }

    private ConfigureAsyncPfResponse configure(ConfigureAsyncPfRequest.Builder request) {
        return cluster.vms().configureAsyncPf(request.build());
    }

    private static StatusRuntimeException refusal(ThrowingCallable call) {
        return catchThrowableOfType(StatusRuntimeException.class, call);
    }

    private static List<String> violations(StatusRuntimeException refusal) throws InvalidProtocolBufferException {
        return Objects.requireNonNull(StatusProto.fromThrowable(refusal))
                .getDetails(0)
                .unpack(BadRequest.class)
                .getFieldViolationsList()
                .stream()
                .map(BadRequest.FieldViolation::getField)
                .toList();
    }

    private static Memslot memslot(int slot, long baseGfn, long pages) {
        return Memslot.newBuilder()
                .setSlot(slot)
                .setBaseGfn(baseGfn)
                .setPages(pages)
                .build();
    }
}
