// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.proto.notifier.v1.GuestBatch;
import io.faultline.proto.notifier.v1.GuestCall;
import io.faultline.proto.notifier.v1.GuestCallKind;
import io.faultline.proto.notifier.v1.GuestServiceGrpc;
import io.faultline.proto.notifier.v1.NotificationServiceGrpc;
import io.faultline.proto.notifier.v1.NotifyBatch;
import io.faultline.proto.notifier.v1.VerdictBatch;
import io.faultline.proto.pager.v1.DropVmRequest;
import io.faultline.proto.pager.v1.PageRequestBatch;
import io.faultline.proto.pager.v1.PageServiceGrpc;
import io.faultline.proto.pager.v1.SetVmQuotaRequest;
import io.faultline.proto.pager.v1.StatsRequest;
import io.faultline.proto.vcpu.v1.Access;
import io.faultline.proto.vcpu.v1.Fault;
import io.faultline.proto.vcpu.v1.FaultBatch;
import io.faultline.proto.vcpu.v1.FaultServiceGrpc;
import io.faultline.proto.vcpu.v1.GetVmRequest;
import io.faultline.proto.vcpu.v1.ImportMemoryBegin;
import io.faultline.proto.vcpu.v1.ImportMemoryRequest;
import io.faultline.proto.vcpu.v1.ListVmsRequest;
import io.faultline.proto.vcpu.v1.Memslot;
import io.faultline.proto.vcpu.v1.Privilege;
import io.faultline.proto.vcpu.v1.ReadMemoryRequest;
import io.faultline.proto.vcpu.v1.RegisterVmRequest;
import io.faultline.proto.vcpu.v1.UnregisterVmRequest;
import io.faultline.proto.vcpu.v1.Vm;
import io.faultline.proto.vcpu.v1.VmServiceGrpc;
import io.faultline.proto.vcpu.v1.VmServiceGrpc.VmServiceBlockingStub;
import io.faultline.proto.vcpu.v1.VmSpec;
import io.faultline.rpc.Channels;
import io.faultline.rpc.Reachability;
import io.faultline.rpc.Statuses;
import io.faultline.standalone.Standalone;
import io.faultline.standalone.StandaloneSettings;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may do what, asked of the three services over TLS with every kind of certificate. */
class AccessIT {
    private static final long VM = 7;
    private static final String OWNER = "client/owner";
    private static final String OK = "OK";

    @TempDir
    private static Path directory;

    @SuppressWarnings("NullAway.Init") // Set before all tests.
    private static Certificates certificates;

    @SuppressWarnings("NullAway.Init") // Set before all tests.
    private static Standalone standalone;

    private final List<ManagedChannel> channels = new ArrayList<>();

    @BeforeAll
    static void start() {
        certificates = Certificates.in(directory.resolve("tls"));
        StandaloneSettings settings = new StandaloneSettings(
                        directory.resolve("data"),
                        new StandaloneSettings.Ports(0, 0, 0, 0, StandaloneSettings.ManagementPorts.ANY),
                        null,
                        "memory",
                        8 << 20,
                        1 << 20)
                .withTls(certificates.directory());
        standalone = Standalone.start(settings, part -> {});
        ManagedChannel owner = vcpu(OWNER);
        VmServiceGrpc.newBlockingStub(owner)
                .registerVm(RegisterVmRequest.newBuilder().setSpec(spec(VM)).build());
        owner.shutdownNow();
    }

    @AfterAll
    static void stop() {
        standalone.close();
    }

    @AfterEach
    void closeChannels() {
        channels.forEach(ManagedChannel::shutdownNow);
    }

    @ParameterizedTest
    @ValueSource(strings = {"vm/7", "service/pager-service", "service/vcpu-service"})
    void onlyClientsAndAdminsRegisterVms(String party) {
        assertThat(of(() -> vms(party)
                        .registerVm(
                                RegisterVmRequest.newBuilder().setSpec(spec(70)).build())))
                .isEqualTo(refused(party, "calls faultline.vcpu.v1.VmService/RegisterVm", "an admin or a client"));
    }

    @Test
    void aVmIsItsRegistrantsAndAnAdminsToUse() {
        for (String party : List.of(OWNER, "admin/ada")) {
            assertThat(of(() -> vms(party)
                            .getVm(GetVmRequest.newBuilder().setVmId(VM).build())))
                    .as(party)
                    .isEqualTo(OK);
            assertThat(ids(party)).as(party).contains(VM);
        }
    }

    @Test
    void aVmIsNoOtherClientsToUse() {
        VmServiceBlockingStub vms = vms("client/other");
        String refusal = refused("client/other", "uses VM 7", "the client that registered it, or an admin");

        assertThat(of(() -> vms.getVm(GetVmRequest.newBuilder().setVmId(VM).build())))
                .isEqualTo(refusal);
        assertThat(of(() -> vms.readMemory(ReadMemoryRequest.newBuilder()
                        .setVmId(VM)
                        .setLengthBytes(8)
                        .build())))
                .isEqualTo(refusal);
        assertThat(of(() -> vms.unregisterVm(
                        UnregisterVmRequest.newBuilder().setVmId(VM).build())))
                .isEqualTo(refusal);
        assertThat(stream(
                        VmServiceGrpc.newStub(open(vcpu("client/other")))::importMemory,
                        ImportMemoryRequest.newBuilder()
                                .setBegin(ImportMemoryBegin.newBuilder()
                                        .setVmId(VM)
                                        .setImageBytes(64L * WireHost.PAGE))
                                .build()))
                .isEqualTo(refusal);
        assertThat(ids("client/other")).doesNotContain(VM);
    }

    @Test
    void aClientRaisesFaultsOfItsOwnVmOnly() {
        assertThat(raise(OWNER)).isEqualTo(OK);
        assertThat(raise("client/other"))
                .isEqualTo(
                        refused("client/other", "raises faults of VM 7", "the client that registered it, or an admin"));
        assertThat(raise("vm/7"))
                .isEqualTo(refused("vm/7", "calls faultline.vcpu.v1.FaultService/Raise", "an admin or a client"));
    }

    @Test
    void aGuestsCredentialOpensItsOwnVmOnly() {
        assertThat(attach("vm/7")).isEqualTo(OK);
        assertThat(attach(OWNER)).isEqualTo(OK);
        for (String party : List.of("vm/8", "client/other")) {
            assertThat(attach(party))
                    .isEqualTo(refused(party, "attaches to VM 7", "vm/7, the client that registered it, or an admin"));
        }
        assertThat(attach("service/vcpu-service"))
                .isEqualTo(refused(
                        "service/vcpu-service",
                        "calls faultline.notifier.v1.GuestService/Attach",
                        "an admin or a client or a VM's guest"));
    }

    @ParameterizedTest
    @ValueSource(strings = {OWNER, "vm/7", "service/notifier-service"})
    void nobodyButTheFaultPlaneTalksToThePager(String party) {
        ManagedChannel pager = open(connect(party, standalone.pagerAddress(), "pager-service"));
        PageServiceGrpc.PageServiceBlockingStub calls = PageServiceGrpc.newBlockingStub(pager);
        String who = "an admin or service/vcpu-service";

        assertThat(of(() -> calls.stats(StatsRequest.getDefaultInstance())))
                .isEqualTo(refused(party, "calls faultline.pager.v1.PageService/Stats", who));
        assertThat(of(() -> calls.dropVm(DropVmRequest.newBuilder().setVmId(VM).build())))
                .isEqualTo(refused(party, "calls faultline.pager.v1.PageService/DropVm", who));
        assertThat(of(() -> calls.setVmQuota(
                        SetVmQuotaRequest.newBuilder().setVmId(VM).build())))
                .isEqualTo(refused(party, "calls faultline.pager.v1.PageService/SetVmQuota", who));
        assertThat(stream(PageServiceGrpc.newStub(pager)::exchange, PageRequestBatch.getDefaultInstance()))
                .isEqualTo(refused(party, "calls faultline.pager.v1.PageService/Exchange", who));
    }

    @ParameterizedTest
    @ValueSource(strings = {OWNER, "vm/7", "service/pager-service"})
    void nobodyButTheFaultPlaneCommandsTheNotifier(String party) {
        ManagedChannel notifier = open(connect(party, standalone.notifierAddress(), "notifier-service"));

        Function<StreamObserver<VerdictBatch>, StreamObserver<NotifyBatch>> notify =
                verdicts -> NotificationServiceGrpc.newStub(notifier).notify(verdicts);
        assertThat(stream(notify, NotifyBatch.getDefaultInstance()))
                .isEqualTo(refused(
                        party,
                        "calls faultline.notifier.v1.NotificationService/Notify",
                        "an admin or service/vcpu-service"));
    }

    @Test
    void anyoneWithACertificateMayAskForHealth() {
        for (String party : List.of(OWNER, "vm/8", "service/pager-service", "admin/ada")) {
            assertThat(Reachability.of(open(vcpu(party))).isOk()).as(party).isTrue();
        }
    }

    @Test
    void refusalsAreCounted() throws Exception {
        assertThat(of(() -> vms("vm/7").listVms(ListVmsRequest.getDefaultInstance())))
                .startsWith("PERMISSION_DENIED");

        assertThat(Scrape.of(standalone.vcpuManagementAddress()).text())
                .contains("code=\"PERMISSION_DENIED\",method=\"VmService/ListVms\"");
    }

    private static String refused(String party, String what, String allowed) {
        return "PERMISSION_DENIED: caller: spiffe://faultline/" + party + " " + what + " (expected: " + allowed + ")";
    }

    private static ManagedChannel vcpu(String party) {
        return connect(party, standalone.vcpuAddress(), "vcpu-service");
    }

    private static ManagedChannel connect(String party, String address, String service) {
        return Channels.connect(
                standalone.loop(), address, certificates.of(party).toward(service));
    }

    private ManagedChannel open(ManagedChannel channel) {
        channels.add(channel);
        return channel;
    }

    private VmServiceBlockingStub vms(String party) {
        return VmServiceGrpc.newBlockingStub(open(vcpu(party))).withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    private List<Long> ids(String party) {
        return vms(party).listVms(ListVmsRequest.getDefaultInstance()).getVmsList().stream()
                .map(Vm::getSpec)
                .map(VmSpec::getVmId)
                .toList();
    }

    private String raise(String party) {
        return stream(
                FaultServiceGrpc.newStub(open(vcpu(party)))::raise,
                FaultBatch.newBuilder()
                        .addFaults(Fault.newBuilder()
                                .setVmId(VM)
                                .setSequence(1)
                                .setIpa(16L * WireHost.PAGE)
                                .setAccess(Access.ACCESS_READ)
                                .setPrivilege(Privilege.PRIVILEGE_USER))
                        .build());
    }

    private String attach(String party) {
        return stream(
                GuestServiceGrpc.newStub(open(connect(party, standalone.notifierAddress(), "notifier-service")))
                        ::attach,
                GuestBatch.newBuilder()
                        .addCalls(GuestCall.newBuilder()
                                .setKind(GuestCallKind.GUEST_CALL_KIND_ATTACH)
                                .setVmId(VM)
                                .setCallId(1))
                        .build());
    }

    /** How a stream of one message ended, or OK as soon as it is answered. */
    private static <I, O> String stream(Function<StreamObserver<O>, StreamObserver<I>> method, I message) {
        CompletableFuture<String> end = new CompletableFuture<>();
        StreamObserver<I> requests = method.apply(new StreamObserver<>() {
            @Override
            public void onNext(O answer) {
                end.complete(OK);
            }

            @Override
            public void onError(Throwable error) {
                end.complete(Statuses.describe(Status.fromThrowable(error)));
            }

            @Override
            public void onCompleted() {
                end.complete(OK);
            }
        });
        requests.onNext(message);
        return end.orTimeout(20, TimeUnit.SECONDS).join();
    }

    private static String of(Runnable call) {
        try {
            call.run();
            return OK;
        } catch (io.grpc.StatusRuntimeException e) {
            return Statuses.describe(e.getStatus());
        }
    }

    private static VmSpec spec(long vmId) {
        return VmSpec.newBuilder()
                .setVmId(vmId)
                .addMemslots(Memslot.newBuilder().setBaseGfn(16).setPages(64))
                .addVcpuIds(0)
                .setResidentPagesMax(64)
                .setPageSizeBytes(WireHost.PAGE)
                .build();
    }
}
