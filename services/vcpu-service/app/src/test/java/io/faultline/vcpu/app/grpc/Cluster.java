// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import io.faultline.proto.vcpu.v1.FaultServiceGrpc;
import io.faultline.proto.vcpu.v1.Memslot;
import io.faultline.proto.vcpu.v1.RegisterVmRequest;
import io.faultline.proto.vcpu.v1.Vm;
import io.faultline.proto.vcpu.v1.VmServiceGrpc;
import io.faultline.proto.vcpu.v1.VmSpec;
import io.faultline.vcpu.app.VcpuService;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;

/** The real vcpu-service on a loopback port between a fake pager and a fake notifier. */
final class Cluster {
    static final int PAGE = 4096;
    static final long BASE_GFN = 0x4_2000L;
    static final long READ_ONLY_GFN = 0x8_0000L;

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    final FakePager pager = new FakePager();
    final FakeNotifier notifier = new FakeNotifier();
    final FakePeer pagerPeer = new FakePeer(pager);
    final FakePeer notifierPeer = new FakePeer(notifier);

    private final ConfigurableApplicationContext context;
    private final ManagedChannel channel;

    /** A cluster whose service has these settings beside the peers' addresses. */
    Cluster(String... settings) {
        this(null, settings);
    }

    /** A cluster whose service asks these pagers instead of {@link #pager}. */
    static Cluster withPagers(String target, String... settings) {
        return new Cluster(target, settings);
    }

    private Cluster(@Nullable String pagerTarget, String[] settings) {
        List<String> args = new ArrayList<>(List.of(
                "--spring.grpc.server.port=0",
                "--faultline.management.port=0",
                "--spring.grpc.server.address=127.0.0.1",
                "--faultline.audit.enabled=false",
                "--faultline.vcpu.pager-target=" + (pagerTarget == null ? pagerPeer.address() : pagerTarget),
                "--faultline.vcpu.notifier-target=" + notifierPeer.address()));
        args.addAll(List.of(settings));
        context = VcpuService.start(args.toArray(String[]::new));
        channel = NettyChannelBuilder.forAddress(
                        "127.0.0.1", context.getBean(GrpcServerLifecycle.class).getPort())
                .usePlaintext()
                .maxInboundMessageSize(8 << 20)
                .build();
        await(() -> context.getBean(Pagers.class).isConnected()
                && context.getBean(GrpcNotifier.class).isConnected());
    }

    /** The VMs' owner. */
    VmServiceGrpc.VmServiceBlockingStub vms() {
        return VmServiceGrpc.newBlockingStub(channel).withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    /** The VMs' owner, for calls that take a stream. */
    VmServiceGrpc.VmServiceStub asyncVms() {
        return VmServiceGrpc.newStub(channel).withDeadlineAfter(3 * PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    /** A new stream of faults. */
    FaultClient faults() {
        return new FaultClient(FaultServiceGrpc.newStub(channel));
    }

    /** A connection for whatever else the service offers. */
    ManagedChannel channel() {
        return channel;
    }

    /** The service itself. */
    ConfigurableApplicationContext service() {
        return context;
    }

    /** A VM of two vCPUs, 64 frames, 4,096 pages to write and 16 to read only. */
    static VmSpec.Builder spec(long vmId) {
        return VmSpec.newBuilder()
                .setVmId(vmId)
                .addMemslots(
                        Memslot.newBuilder().setSlot(0).setBaseGfn(BASE_GFN).setPages(4096))
                .addMemslots(Memslot.newBuilder()
                        .setSlot(1)
                        .setBaseGfn(READ_ONLY_GFN)
                        .setPages(16)
                        .setReadOnly(true))
                .addVcpuIds(0)
                .addVcpuIds(1)
                .setResidentPagesMax(64)
                .setPageSizeBytes(PAGE);
    }

    /** Registers {@link #spec}. */
    Vm register(long vmId) {
        return vms().registerVm(
                        RegisterVmRequest.newBuilder().setSpec(spec(vmId)).build())
                .getVm();
    }

    /** Waits until a condition of another thread holds. */
    static void await(BooleanSupplier condition) {
        Instant deadline = Instant.now().plus(PATIENCE);
        while (!condition.getAsBoolean()) {
            if (Instant.now().isAfter(deadline)) {
                throw new AssertionError("not so within " + PATIENCE);
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Ends everything. */
    void close() throws InterruptedException {
        channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
        context.close();
        pagerPeer.close();
        notifierPeer.close();
    }
}
