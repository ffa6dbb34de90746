// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import static io.faultline.proto.vcpu.v1.FailReason.FAIL_REASON_OVERLOADED;
import static io.faultline.proto.vcpu.v1.OutcomeKind.OUTCOME_KIND_FAILED;
import static io.faultline.proto.vcpu.v1.OutcomeKind.OUTCOME_KIND_MAPPED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.faultline.proto.vcpu.v1.FaultBatch;
import io.faultline.proto.vcpu.v1.FaultServiceGrpc;
import io.faultline.proto.vcpu.v1.Memslot;
import io.faultline.proto.vcpu.v1.ReadMemoryRequest;
import io.faultline.proto.vcpu.v1.RegisterVmRequest;
import io.faultline.proto.vcpu.v1.UnregisterVmRequest;
import io.faultline.proto.vcpu.v1.VmServiceGrpc;
import io.faultline.proto.vcpu.v1.VmSpec;
import io.faultline.proto.vcpu.v1.WriteMemoryRequest;
import io.faultline.redis.RedisServer;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every bound of a vcpu-service with little memory, filled over gRPC by clients that do nothing forbidden, over a pager whose
 * Redis stops and goes on: what is refused or waits, that another VM goes on meanwhile, and that all is as before afterwards.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // Set before all tests.
class VcpuCapsIT {
    private static final int FRAMES_BYTES = 16 << 20;
    private static final int VMS = 6;
    private static final int VCPUS = 40;
    private static final int STREAMS = 8;
    private static final int STREAM_FAULTS = 2048;
    private static final int FAULTS = 4096;
    private static final int MEMORY_BYTES = 4 << 20;
    private static final int STORES_BYTES = 64 << 10;
    private static final int CALLS = 24;
    private static final int CONNECTIONS = 24;

    private static final int FRAMES = 64;
    private static final int PAGES = 16_384;

    /** The well-behaved owner's VM: all its pages have frames. */
    private static final long BYSTANDER = 1;

    private static final long GREEDY = 2;

    private RedisServer redis;
    private CappedService pager;
    private CappedService notifier;
    private CappedService vcpu;
    private ManagedChannel channel;
    private FaultTalk bystander;
    private int bystanderFaults;

    @BeforeAll
    void start(@TempDir Path directory) {
        redis = RedisServer.start(directory);
        pager = new CappedService(
                directory,
                "pager-service",
                "--faultline.pager.store=redis://" + redis.address(),
                "--faultline.pager.redis.timeout-ms=60000",
                "--faultline.pager.dram-max-bytes=4194304",
                "--faultline.pager.compressed-max-bytes=0");
        notifier = new CappedService(directory, "notifier-service", "--faultline.audit.enabled=false");
        vcpu = new CappedService(
                directory,
                "vcpu-service",
                "--faultline.audit.enabled=false",
                "--faultline.vcpu.pager-target=" + pager.address(),
                "--faultline.vcpu.notifier-target=" + notifier.address(),
                "--faultline.vcpu.peer-wait-ms=200",
                "--faultline.vcpu.pager-timeout-ms=60000",
                "--faultline.vcpu.frames-max-bytes=" + FRAMES_BYTES,
                "--faultline.vcpu.vms-max=" + VMS,
                "--faultline.vcpu.vcpus-max=" + VCPUS,
                "--faultline.vcpu.streams-max=" + STREAMS,
                "--faultline.vcpu.faults-in-flight-max=" + STREAM_FAULTS,
                "--faultline.vcpu.faults-max=" + FAULTS,
                "--faultline.vcpu.memory-calls-max-bytes=" + MEMORY_BYTES,
                "--faultline.vcpu.stores-in-flight-max-bytes=" + STORES_BYTES,
                "--faultline.rpc.calls-max=" + CALLS,
                "--faultline.rpc.connections-max=" + CONNECTIONS);
        channel = vcpu.connect();
        vcpu.awaitValue("faultline_vcpu_peer_connected{peer=\"pager\"}", 1);
        register(BYSTANDER, FRAMES, 1);
        bystander = new FaultTalk(channel, BYSTANDER);
        bystander.write(0, FRAMES / 2, 1);
        WireHost.await(() -> bystander.ended(OUTCOME_KIND_MAPPED) == FRAMES / 2);
        bystanderFaults = FRAMES / 2;
    }

    @AfterAll
    void end() {
        vcpu.close();
        notifier.close();
        pager.close();
        redis.close();
    }

    @AfterEach
    void allIsAsBefore() {
        redis.thaw();
        vcpu.disconnectAllButTheFirst();
        for (long vm = GREEDY; vm < GREEDY + VMS; vm++) {
            unregisterIfThere(vm);
        }
        vcpu.awaitValue("faultline_vcpu_faults_in_flight", 0);
        vcpu.awaitValue("faultline_vcpu_stores_in_flight_bytes", 0);
        vcpu.awaitValue("faultline_vcpu_frames_claimed_bytes", FRAMES * PageTalk.PAGE);
        vcpu.awaitValue("faultline_rpc_streams{stream=\"raise\"}", 1);
        bystanderGoesOn();
        vcpu.requireUnharmed();
        pager.requireUnharmed();
    }

    private void bystanderGoesOn() {
        bystander.read(bystanderFaults % (FRAMES / 2));
        bystanderFaults++;
        WireHost.await(() -> bystander.ended(OUTCOME_KIND_MAPPED) == bystanderFaults);
        assertThat(read(BYSTANDER, 3)).isEqualTo(FaultTalk.content(3));
    }

    @Test
    void vmsBeyondTheirNumberTheirFramesAndTheirVcpusAreRefused() {
        String left = (FRAMES_BYTES - FRAMES * PageTalk.PAGE) + " bytes, what is left of " + FRAMES_BYTES;
        assertThat(refusal(() -> register(GREEDY, FRAMES_BYTES / PageTalk.PAGE, 1)))
                .contains(left);
        assertThat(refusal(() -> register(GREEDY, FRAMES, VCPUS)))
                .contains(VCPUS + " vCPUs (expected: at most " + (VCPUS - 1) + ", what is left of " + VCPUS);

        register(GREEDY, FRAMES_BYTES / PageTalk.PAGE - FRAMES, 1);
        vcpu.awaitValue("faultline_vcpu_frames_claimed_bytes", FRAMES_BYTES);
        assertThat(refusal(() -> register(GREEDY + 1, FRAMES, 1))).contains("0 bytes, what is left of");
        unregister(GREEDY);

        for (int vm = 1; vm < VMS; vm++) {
            register(GREEDY + vm, FRAMES, 1);
        }
        assertThat(refusal(() -> register(GREEDY, FRAMES, 1))).contains("VMs: " + VMS + " are registered");
        bystanderGoesOn();
    }

    @Test
    void writeOutPausesWhileTheStoreStandsStillAndNoPageIsLost() {
        int frames = 8 * FRAMES;
        register(GREEDY, frames, 4);
        FaultTalk guest = new FaultTalk(vcpu.connect(), GREEDY);
        redis.freeze();

        guest.write(0, 2 * frames, 4);

        WireHost.await(() -> vcpu.value("faultline_vcpu_frames_waiting") > 0);
        vcpu.awaitValue("faultline_vcpu_stores_in_flight_bytes", STORES_BYTES);
        bystanderGoesOn();
        assertThat(guest.ended(OUTCOME_KIND_MAPPED)).isLessThanOrEqualTo(frames);
        redis.thaw();
        WireHost.await(() -> guest.ended(OUTCOME_KIND_MAPPED) == 2 * frames);
        for (int first = 0; first < 2 * frames; first += 128) {
            ByteString pages = stub().readMemory(first8(GREEDY, first).toBuilder()
                            .setLengthBytes(128 * PageTalk.PAGE)
                            .build())
                    .getData();
            for (int page = 0; page < 128; page++) {
                assertThat(pages.substring(page * PageTalk.PAGE, page * PageTalk.PAGE + 8))
                        .isEqualTo(FaultTalk.content(first + page));
            }
        }
    }

    @Test
    void faultsThatWaitForOneVcpuAreBounded() {
        register(GREEDY, FRAMES, 1);
        FaultTalk guest = new FaultTalk(vcpu.connect(), GREEDY);
        redis.freeze();

        guest.write(0, STREAM_FAULTS, 1);

        WireHost.await(() ->
                guest.ended(OUTCOME_KIND_MAPPED) + guest.failed(FAIL_REASON_OVERLOADED) == STREAM_FAULTS - 1024 - 1);
        bystanderGoesOn();
        redis.thaw();
        WireHost.await(() -> guest.ended(OUTCOME_KIND_MAPPED) + guest.ended(OUTCOME_KIND_FAILED) == STREAM_FAULTS);
    }

    @Test
    void faultsInFlightOfAStreamAndOfAllStreamsAreBounded() {
        int vcpus = 16;
        register(GREEDY, 4 * FRAMES, vcpus);
        redis.freeze();
        List<FaultTalk> guests = new ArrayList<>();
        for (int i = 0; i < FAULTS / STREAM_FAULTS + 1; i++) {
            FaultTalk guest = new FaultTalk(vcpu.connect(), GREEDY);
            guest.write(0, 2 * STREAM_FAULTS, vcpus);
            guests.add(guest);
        }

        FaultTalk last = guests.getLast();
        WireHost.await(() -> last.failed(FAIL_REASON_OVERLOADED) >= STREAM_FAULTS);
        assertThat(last.lastDetail()).contains("faults in flight: " + FAULTS);
        vcpu.awaitValue("faultline_vcpu_faults_in_flight", FAULTS);
        redis.thaw();
        for (FaultTalk guest : guests) {
            WireHost.await(
                    () -> guest.ended(OUTCOME_KIND_MAPPED) + guest.ended(OUTCOME_KIND_FAILED) == 2 * STREAM_FAULTS);
        }
        bystanderGoesOn();
    }

    @Test
    void aClientThatNeverReadsOutcomesIsNotReadEither() {
        FaultBatch.Builder batch = FaultBatch.newBuilder();
        for (int i = 0; i < 1024; i++) {
            batch.addFaults(FaultTalk.fault(BYSTANDER, i % 32));
        }
        for (int i = 1; i < STREAMS; i++) {
            UnreadCall<FaultBatch> call = UnreadCall.open(vcpu.connect(), FaultServiceGrpc.getRaiseMethod());

            assertThat(call.push(batch.build(), 20_000)).isLessThan(20_000);
        }
        assertThat(refusedStream()).contains("faultline.vcpu.streams-max");
        bystanderGoesOn();
    }

    private String refusedStream() {
        FaultTalk refused = new FaultTalk(channel, BYSTANDER);
        WireHost.await(refused::hasEnded);
        assertThat(refused.status().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        return String.valueOf(refused.status().getDescription());
    }

    @Test
    void bytesReadAndNotTakenAreBounded() {
        register(GREEDY, FRAMES, 1);
        ReadMemoryRequest request = ReadMemoryRequest.newBuilder()
                .setVmId(GREEDY)
                .setLengthBytes(1 << 20)
                .build();
        ManagedChannel slow = vcpu.connectWithWindow(65_535);
        List<UnreadCall<ReadMemoryRequest>> calls = IntStream.range(0, 200)
                .mapToObj(_ -> {
                    UnreadCall<ReadMemoryRequest> call = UnreadCall.open(slow, VmServiceGrpc.getReadMemoryMethod());
                    call.ask(request);
                    return call;
                })
                .toList();

        int held = MEMORY_BYTES >> 20;
        WireHost.await(() -> calls.stream().filter(UnreadCall::hasEnded).count() == 200 - held);
        assertThat(calls)
                .filteredOn(UnreadCall::hasEnded)
                .allSatisfy(call -> assertThat(call.status().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED));
        assertThat(calls)
                .filteredOn(UnreadCall::hasEnded)
                .anySatisfy(call -> assertThat(call.status().getDescription())
                        .contains(MEMORY_BYTES + " bytes are under way", "faultline.vcpu.memory-calls-max-bytes"));
        bystander.read(0);
        bystanderFaults++;
        WireHost.await(() -> bystander.ended(OUTCOME_KIND_MAPPED) == bystanderFaults);
        calls.forEach(UnreadCall::cancel);
        WireHost.await(() -> catchThrowableOfType(StatusRuntimeException.class, () -> read(BYSTANDER, 3)) == null);
    }

    @Test
    void callsUnderWayAreBounded() {
        register(GREEDY, FRAMES, 1);
        FaultTalk guest = new FaultTalk(vcpu.connect(), GREEDY);
        redis.freeze();
        guest.write(0, 2 * FRAMES, 1);
        WireHost.await(() -> vcpu.value("faultline_vcpu_frames_waiting") > 0);
        List<UnreadCall<WriteMemoryRequest>> calls = IntStream.range(0, CALLS + 10)
                .mapToObj(i -> {
                    UnreadCall<WriteMemoryRequest> call =
                            UnreadCall.open(channel, VmServiceGrpc.getWriteMemoryMethod());
                    call.ask(WriteMemoryRequest.newBuilder()
                            .setVmId(GREEDY)
                            .setIpa((1_000L + i) * PageTalk.PAGE)
                            .setData(ByteString.copyFromUtf8("x"))
                            .build());
                    return call;
                })
                .toList();

        WireHost.await(() -> calls.stream().filter(UnreadCall::hasEnded).count() == 10);
        assertThat(calls.getLast().status().getDescription())
                .contains("calls: " + CALLS + " are under way", "faultline.rpc.calls-max");
        redis.thaw();
        WireHost.await(() -> guest.ended(OUTCOME_KIND_MAPPED) == 2 * FRAMES);
        calls.forEach(UnreadCall::cancel);
        WireHost.await(() -> catchThrowableOfType(StatusRuntimeException.class, () -> read(BYSTANDER, 3)) == null);
    }

    @Test
    void connectionsBeyondTheBoundAreClosedAtOnce() throws IOException {
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < CONNECTIONS; i++) {
                sockets.add(connect(vcpu.port()));
            }
            assertThat(sockets.getLast().getInputStream().read()).isNegative();
            assertThat(vcpu.value("faultline_rpc_connections_refused_total")).isPositive();
            bystanderGoesOn();
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
        ManagedChannel again = vcpu.connect();
        WireHost.await(() -> catchThrowableOfType(
                        StatusRuntimeException.class,
                        () -> VmServiceGrpc.newBlockingStub(again).readMemory(first8(BYSTANDER, 3)))
                == null);
    }

    @Test
    void managementConnectionsBeyondTheBoundAreClosedAtOnce() throws IOException {
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < 65; i++) {
                sockets.add(connect(vcpu.managementPort()));
            }
            assertThat(sockets.getLast().getInputStream().read()).isNegative();
            bystanderGoesOn();
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    private static Socket connect(int port) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(10_000);
        return socket;
    }

    @Test
    void aMessageBeyondTheLargestIsRefused() {
        ByteString large = ByteString.copyFrom(new byte[3 << 20]);

        assertThat(refusal(() -> stub().writeMemory(WriteMemoryRequest.newBuilder()
                        .setVmId(BYSTANDER)
                        .setData(large)
                        .build())))
                .contains("exceeds maximum size 2097152");
    }

    private VmServiceGrpc.VmServiceBlockingStub stub() {
        return VmServiceGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
    }

    private void register(long vmId, int frames, int vcpus) {
        VmSpec.Builder spec = VmSpec.newBuilder()
                .setVmId(vmId)
                .addMemslots(Memslot.newBuilder().setPages(PAGES))
                .setResidentPagesMax(frames)
                .setPageSizeBytes(PageTalk.PAGE)
                .setFetchDeadlineMs(120_000);
        for (int vcpuId = 0; vcpuId < vcpus; vcpuId++) {
            spec.addVcpuIds(vcpuId);
        }
        assertThat(stub().registerVm(
                                RegisterVmRequest.newBuilder().setSpec(spec).build()))
                .isNotNull();
    }

    private void unregister(long vmId) {
        assertThat(stub().unregisterVm(
                                UnregisterVmRequest.newBuilder().setVmId(vmId).build()))
                .isNotNull();
    }

    private void unregisterIfThere(long vmId) {
        try {
            unregister(vmId);
        } catch (StatusRuntimeException missing) {
            assertThat(missing.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
        }
    }

    private ByteString read(long vmId, int page) {
        return stub().readMemory(first8(vmId, page)).getData();
    }

    private static ReadMemoryRequest first8(long vmId, int page) {
        return ReadMemoryRequest.newBuilder()
                .setVmId(vmId)
                .setIpa((long) page * PageTalk.PAGE)
                .setLengthBytes(8)
                .build();
    }

    private static String refusal(ThrowingCallable call) {
        StatusRuntimeException refused = catchThrowableOfType(StatusRuntimeException.class, call);
        assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        return String.valueOf(refused.getStatus().getDescription());
    }
}
