// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import static io.faultline.proto.notifier.v1.GuestCallKind.GUEST_CALL_KIND_ACKNOWLEDGE;
import static io.faultline.proto.notifier.v1.GuestCallKind.GUEST_CALL_KIND_ATTACH;
import static io.faultline.proto.notifier.v1.GuestCallKind.GUEST_CALL_KIND_CLEAR_AREA;
import static io.faultline.proto.notifier.v1.GuestCallKind.GUEST_CALL_KIND_DETACH;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.faultline.proto.notifier.v1.AreaWords;
import io.faultline.proto.notifier.v1.GuestBatch;
import io.faultline.proto.notifier.v1.GuestCall;
import io.faultline.proto.notifier.v1.GuestCallKind;
import io.faultline.proto.notifier.v1.GuestServiceGrpc;
import io.faultline.proto.pager.v1.PageServiceGrpc;
import io.faultline.proto.vcpu.v1.FaultServiceGrpc;
import io.faultline.proto.vcpu.v1.GetVmRequest;
import io.faultline.proto.vcpu.v1.ListVmsRequest;
import io.faultline.proto.vcpu.v1.ListVmsResponse;
import io.faultline.proto.vcpu.v1.Memslot;
import io.faultline.proto.vcpu.v1.RegisterVmRequest;
import io.faultline.proto.vcpu.v1.VmServiceGrpc;
import io.faultline.proto.vcpu.v1.VmSpec;
import io.faultline.proto.vcpu.v1.WriteMemoryRequest;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * What clients of ill will send to the six ports of three services with little memory, while a well-behaved guest from another
 * address goes on: its faults end, right and in time; what is refused says why; and afterwards no memory, thread or descriptor
 * is left behind. Each attack lasts a second, or {@code -Dfaultline.hostile.seconds}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@SuppressWarnings("NullAway.Init") // Set before all tests.
class HostileIT {
    private static final long ATTACK_NS = TimeUnit.SECONDS.toNanos(Long.getLong("faultline.hostile.seconds", 1));
    private static final long SEED = Long.getLong("faultline.hostile.seed", System.nanoTime());

    private static final String HOSTILE = "127.0.0.2";
    private static final String GOOD = "127.0.0.3";
    private static final long HOSTILE_VM = 66;
    private static final int HOSTILE_VCPUS = 4;

    /** Connections and streams of one client; few, so that floods are refused soon. */
    private static final int CONNECTIONS = 32;

    private static final int STREAMS = 16;
    private static final int CALLS = 32;
    private static final int SILENT = 8;

    /** What the bystander's faults may take at most, on a machine that does much else. */
    private static final double MOST_MS = 3_000;

    private static final double MEDIAN_MS = 250;
    /** An attack may not fill a disk either. */
    private static final long LOG_BYTES_MAX = 1 << 20;

    private CappedService pager;
    private CappedService notifier;
    private CappedService vcpu;
    private Bystander bystander;
    private final List<RawHttp2> silent = new ArrayList<>();
    private int firstFault;
    private int[] before = {};

    @BeforeAll
    void start(@TempDir Path directory) throws IOException {
        System.out.println("seed " + SEED + " (-Dfaultline.hostile.seed)");
        List<String> limits = List.of(
                "--faultline.rpc.client.connections-max=" + CONNECTIONS,
                "--faultline.rpc.client.streams-max=" + STREAMS,
                "--faultline.rpc.client.calls-max=" + CALLS,
                "--faultline.audit.enabled=false");
        pager = new CappedService(
                directory,
                "pager-service",
                with(
                        limits,
                        "--faultline.pager.store=memory",
                        "--faultline.pager.memory-store-max-bytes=8388608",
                        "--faultline.pager.dram-max-bytes=4194304",
                        "--faultline.pager.compressed-max-bytes=0"));
        notifier = new CappedService(directory, "notifier-service", with(limits));
        vcpu = new CappedService(
                directory,
                "vcpu-service",
                with(
                        limits,
                        "--faultline.vcpu.pager-target=" + pager.address(),
                        "--faultline.vcpu.notifier-target=" + notifier.address(),
                        "--faultline.vcpu.frames-max-bytes=16777216"));
        vcpu.awaitValue("faultline_vcpu_peer_connected{peer=\"notifier\"}", 1);
        vcpu.awaitValue("faultline_vcpu_peer_connected{peer=\"pager\"}", 1);
        bystander = new Bystander(vcpu.connectFrom(GOOD), notifier.connectFrom(GOOD));
        WireHost.await(() -> bystander.faults() > 100);
        registerHostileVm();
        sayNothing();
    }

    private static String[] with(List<String> limits, String... more) {
        List<String> all = new ArrayList<>(limits);
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    private void registerHostileVm() {
        VmSpec.Builder spec = VmSpec.newBuilder()
                .setVmId(HOSTILE_VM)
                .addMemslots(Memslot.newBuilder().setPages(1024))
                .setResidentPagesMax(64)
                .setPageSizeBytes(PageTalk.PAGE);
        for (int vcpuId = 0; vcpuId < HOSTILE_VCPUS; vcpuId++) {
            spec.addVcpuIds(vcpuId);
        }
        assertThat(VmServiceGrpc.newBlockingStub(vcpu.connectFrom(GOOD))
                        .registerVm(RegisterVmRequest.newBuilder().setSpec(spec).build()))
                .isNotNull();
    }

    /** Connections that are made and then say nothing at all, or nothing after the beginning; looked at last. */
    private void sayNothing() throws IOException {
        for (CappedService service : services()) {
            for (int i = 0; i < SILENT; i++) {
                silent.add(new RawHttp2("127.0.0.4", service.port()));
                RawHttp2 begun = new RawHttp2("127.0.0.4", service.port());
                begun.begin();
                silent.add(begun);
            }
        }
    }

    private List<CappedService> services() {
        return List.of(pager, notifier, vcpu);
    }

    @AfterAll
    void end() throws IOException {
        for (RawHttp2 connection : silent) {
            connection.close();
        }
        bystander.close();
        vcpu.close();
        notifier.close();
        pager.close();
    }

    @BeforeEach
    void isWell() {
        before = use();
        firstFault = bystander.faults();
    }

    /** The descriptors and threads of each service. */
    private int[] use() {
        return services().stream()
                .flatMapToInt(service -> IntStream.of(service.descriptors(), service.threads()))
                .toArray();
    }

    @AfterEach
    void nobodyIsHarmedAndNothingIsLeftBehind(TestInfo test) {
        int during = bystander.faults();
        WireHost.await(() -> bystander.faults() > during + 20);
        Bystander.Latencies latencies = bystander.since(firstFault);
        System.out.println(test.getDisplayName() + ": bystander " + latencies);
        assertThat(latencies.ms(1)).as("the slowest fault").isLessThan(MOST_MS);
        assertThat(latencies.ms(0.5)).as("the median fault").isLessThan(MEDIAN_MS);
        WireHost.await(this::isNothingLeftBehind);
        services()
                .forEach(service -> assertThat(service.logBytes())
                        .as("what the attacks had it log, in bytes")
                        .isLessThan(LOG_BYTES_MAX));
        services().forEach(CappedService::requireUnharmed);
    }

    private boolean isNothingLeftBehind() {
        int[] now = use();
        for (int i = 0; i < now.length; i++) {
            // A JVM's own threads and files come and go; an attack leaves hundreds.
            if (now[i] > before[i] + 6) {
                return false;
            }
        }
        return true;
    }

    private void attack(ThrowingCallable once) {
        long beginNs = System.nanoTime();
        do {
            try {
                once.call();
            } catch (SocketException closedOnUs) {
                // As it should be; what does not come in time is not.
            } catch (Throwable other) {
                throw new AssertionError(other);
            }
        } while (System.nanoTime() - beginNs < ATTACK_NS);
    }

    @Test
    @Order(1)
    void aFloodOfConnectionsFillsOnlyItsClientsShare() {
        double refusedBefore = vcpu.value("faultline_rpc_client_refusals_total{limit=\"connections\"}");
        attack(() -> {
            List<RawHttp2> flood = new ArrayList<>();
            try {
                for (int i = 0; i < 3 * CONNECTIONS; i++) {
                    flood.add(new RawHttp2(HOSTILE, vcpu.port()));
                }
                assertThat(flood.getLast().awaitGoAway()).isEqualTo(-1);
                ManagedChannel third = vcpu.connectFrom("127.0.0.5");
                assertThat(list(VmServiceGrpc.newBlockingStub(third))).isNotNull();
                third.shutdownNow();
            } finally {
                for (RawHttp2 connection : flood) {
                    connection.close();
                }
            }
        });
        assertThat(vcpu.value("faultline_rpc_client_refusals_total{limit=\"connections\"}"))
                .isGreaterThanOrEqualTo(refusedBefore + 2 * CONNECTIONS);
        assertThat(vcpu.log()).contains("client " + HOSTILE + ": at its limit of connections");
    }

    private static ListVmsResponse list(VmServiceGrpc.VmServiceBlockingStub vms) {
        return vms.withDeadlineAfter(20, TimeUnit.SECONDS).listVms(ListVmsRequest.getDefaultInstance());
    }

    @Test
    @Order(2)
    void streamsBeyondAClientsShareAreRefusedBySentence() {
        ManagedChannel channel = vcpu.connectFrom(HOSTILE);
        // The flood's connections may not all be gone yet: one that is refused for them is made again.
        assertThat(list(VmServiceGrpc.newBlockingStub(channel).withWaitForReady()))
                .isNotNull();
        List<UnreadCall<?>> streams = new ArrayList<>();
        for (int i = 0; i < STREAMS; i++) {
            streams.add(UnreadCall.open(channel, FaultServiceGrpc.getRaiseMethod()));
        }
        UnreadCall<?> refused = UnreadCall.open(channel, FaultServiceGrpc.getRaiseMethod());

        WireHost.await(refused::hasEnded);

        assertThat(refused.status().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(refused.status().getDescription())
                .isEqualTo("streams of client 127.0.0.2: 16 are open (expected: < 16,"
                        + " faultline.rpc.client.streams-max)");
        streams.forEach(UnreadCall::cancel);
        channel.shutdownNow();
    }

    @Test
    @Order(3)
    void aConnectionThatBreaksOffCallAfterCallIsClosed() {
        List<String> methods = List.of(
                PageServiceGrpc.getExchangeMethod().getFullMethodName(),
                GuestServiceGrpc.getAttachMethod().getFullMethodName(),
                FaultServiceGrpc.getRaiseMethod().getFullMethodName());
        attack(() -> {
            for (int i = 0; i < methods.size(); i++) {
                try (RawHttp2 connection =
                        new RawHttp2(HOSTILE, services().get(i).port())) {
                    connection.begin();
                    for (int burst = 0; burst < 30; burst++) {
                        connection.openAndReset(methods.get(i), 100);
                    }
                    assertThat(connection.awaitGoAway()).isIn(RawHttp2.ENHANCE_YOUR_CALM, -1);
                }
            }
        });
    }

    @Test
    @Order(4)
    void aConnectionThatOpensStreamsBeyondWhatItWasAllowedIsHeldToIt() {
        attack(() -> {
            try (RawHttp2 connection = new RawHttp2(HOSTILE, vcpu.port())) {
                connection.begin();
                int opened = 2_000;
                connection.open(FaultServiceGrpc.getRaiseMethod().getFullMethodName(), opened);
                connection.awaitRefusedStreams(opened - STREAMS - CALLS);
                WireHost.await(() -> vcpu.value("faultline_rpc_streams{stream=\"raise\"}") <= 1 + STREAMS);
            }
        });
    }

    @Test
    @Order(5)
    void randomBytesOnEveryPortAreNobodysBusiness() {
        Random random = new Random(SEED);
        int[] ports = services().stream()
                .flatMapToInt(service -> IntStream.of(service.port(), service.managementPort()))
                .toArray();
        attack(() -> {
            for (int port : ports) {
                try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                    if (random.nextBoolean()) {
                        socket.getOutputStream().write(RawHttp2.PREFACE);
                    }
                    byte[] bytes = new byte[random.nextInt(4096)];
                    random.nextBytes(bytes);
                    socket.getOutputStream().write(bytes);
                } catch (IOException closedOnUs) {
                    // As it should be.
                }
            }
        });
    }

    @Test
    @Order(6)
    void aManagementPortAnswersNonsenseWithASentence() throws IOException {
        for (CappedService service : services()) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), service.managementPort())) {
                socket.setSoTimeout(20_000);
                socket.getOutputStream().write("nonsense\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertThat(answer).startsWith("HTTP/1.1 400").endsWith("not an HTTP request\n");
            }
        }
    }

    @Test
    @Order(7)
    void headersBeyondTheirSizeAreRefused() {
        attack(() -> {
            try (RawHttp2 connection = new RawHttp2(HOSTILE, vcpu.port())) {
                connection.begin();
                connection.openWithHeaders(FaultServiceGrpc.getRaiseMethod().getFullMethodName(), 64 << 10);
                assertThat(connection.awaitGoAway()).isIn(RawHttp2.PROTOCOL_ERROR, RawHttp2.ENHANCE_YOUR_CALM);
            }
        });
    }

    @Test
    @Order(8)
    void messagesThatUnfoldBeyondTheLargestAreRefused() {
        ByteString zeros = ByteString.copyFrom(new byte[64 << 20]);
        WriteMemoryRequest request =
                WriteMemoryRequest.newBuilder().setData(zeros).build();
        attack(() -> {
            ManagedChannel channel = vcpu.connectFrom(HOSTILE);
            assertThat(refusal(() -> VmServiceGrpc.newBlockingStub(channel)
                                    .withCompression("gzip")
                                    .withDeadlineAfter(20, TimeUnit.SECONDS)
                                    .writeMemory(request))
                            .getDescription())
                    .contains("exceeds maximum size 2097152");
            channel.shutdownNow();
        });
    }

    @Test
    @Order(9)
    void deepMessagesAreRefused() {
        byte[] deep = new byte[1 << 20];
        Arrays.fill(deep, (byte) 0x1b); // Groups that begin and never end.
        attack(() -> {
            Status status =
                    refusal(() -> callWithBytes(vcpu.connectFrom(HOSTILE), VmServiceGrpc.getGetVmMethod(), deep));
            assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
            assertThat(status.getDescription())
                    .startsWith("message: malformed: ")
                    .contains("too many levels of nesting");
        });
    }

    private static void callWithBytes(
            ManagedChannel channel, MethodDescriptor<GetVmRequest, ?> method, byte[] request) {
        MethodDescriptor<byte[], byte[]> raw = WireBytes.method(method.getFullMethodName(), method.getType());
        try {
            assertThat(ClientCalls.blockingUnaryCall(
                            channel, raw, CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS), request))
                    .isNotNull();
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    @Order(10)
    void aGuestThatAcknowledgesAndClearsWithoutEndHarmsOnlyItself() {
        GuestBatch.Builder storm = GuestBatch.newBuilder();
        for (int i = 0; i < 1024; i++) {
            // Its own vCPUs, and numbers of vCPUs that it is not attached to.
            storm.addCalls(GuestCall.newBuilder()
                    .setKind(i % 2 == 0 ? GUEST_CALL_KIND_ACKNOWLEDGE : GUEST_CALL_KIND_CLEAR_AREA)
                    .setWords(AreaWords.AREA_WORDS_BOTH)
                    .setVcpuId(i % 8)
                    .setCallId(i));
        }
        storm(storm.build());
    }

    @Test
    @Order(11)
    void aGuestThatAttachesAndDetachesWithoutEndHarmsOnlyItself() {
        GuestBatch.Builder storm = GuestBatch.newBuilder();
        for (int i = 0; i < 512; i++) {
            storm.addCalls(guestCall(GUEST_CALL_KIND_ATTACH, i % HOSTILE_VCPUS));
            storm.addCalls(guestCall(GUEST_CALL_KIND_DETACH, i % HOSTILE_VCPUS));
        }
        storm(storm.build());
    }

    private static GuestCall guestCall(GuestCallKind kind, int vcpuId) {
        return GuestCall.newBuilder()
                .setKind(kind)
                .setVmId(HOSTILE_VM)
                .setVcpuId(vcpuId)
                .build();
    }

    /** Sends a batch as often as the service takes it, on a few streams. */
    private void storm(GuestBatch batch) {
        ManagedChannel channel = notifier.connectFrom(HOSTILE);
        List<StormingGuest> guests = new ArrayList<>();
        for (int vcpuId = 0; vcpuId < HOSTILE_VCPUS; vcpuId++) {
            guests.add(new StormingGuest(channel, guestCall(GUEST_CALL_KIND_ATTACH, vcpuId)));
        }
        attack(() -> {
            for (StormingGuest guest : guests) {
                guest.push(batch);
            }
        });
        assertThat(guests.stream().mapToLong(StormingGuest::pushed).sum()).isPositive();
        guests.forEach(StormingGuest::end);
        channel.shutdownNow();
    }

    @Test
    @Order(12)
    void connectionsThatSayNothingAreClosed() throws IOException {
        for (RawHttp2 connection : silent) {
            // HTTP/2's own pings find out, 15 s after the last word.
            assertThat(connection.awaitGoAway()).isNotEqualTo(RawHttp2.ENHANCE_YOUR_CALM);
        }
    }

    private static Status refusal(ThrowingCallable call) {
        StatusRuntimeException refused = Assertions.catchThrowableOfType(StatusRuntimeException.class, call);
        assertThat(refused).isNotNull();
        return refused.getStatus();
    }
}
