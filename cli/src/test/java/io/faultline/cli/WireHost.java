// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.faultline.notifier.app.NotifierService;
import io.faultline.proto.notifier.v1.GuestServiceGrpc;
import io.faultline.proto.vcpu.v1.AsyncPfHypercall;
import io.faultline.proto.vcpu.v1.ConfigureAsyncPfRequest;
import io.faultline.proto.vcpu.v1.FaultServiceGrpc;
import io.faultline.proto.vcpu.v1.Memslot;
import io.faultline.proto.vcpu.v1.ReadMemoryRequest;
import io.faultline.proto.vcpu.v1.RegisterVmRequest;
import io.faultline.proto.vcpu.v1.VmServiceGrpc;
import io.faultline.proto.vcpu.v1.VmSpec;
import io.faultline.proto.vcpu.v1.WriteMemoryRequest;
import io.faultline.vcpu.app.VcpuService;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;

/** One host: a real vcpu-service and a real notifier-service on loopback, above a pager in the test's hands or a real one. */
final class WireHost implements AutoCloseable {
    static final long VM = 7;
    static final int VCPU = 0;
    static final int PAGE = 4096;
    static final long BASE_GFN = 0x4_2000L;
    static final int PAGES = 256;
    static final int RESIDENT = 64;

    static final long CONTROL = (BASE_GFN + PAGES) * PAGE | 1;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    final HeldPager pager = new HeldPager();
    private final @Nullable Server pagerServer;
    private final ConfigurableApplicationContext notifier;
    private final ConfigurableApplicationContext vcpu;
    private final List<ManagedChannel> channels = new ArrayList<>();
    private final ManagedChannel vcpuChannel;
    private final ManagedChannel notifierChannel;

    /** Above {@link #pager}. */
    WireHost() {
        this(null);
    }

    /** Above the pager at an address; null for {@link #pager}. */
    WireHost(@Nullable String pagerTarget) {
        pagerServer = pagerTarget == null ? serve(pager) : null;
        String target = pagerServer == null ? pagerTarget : "127.0.0.1:" + pagerServer.getPort();
        notifier = NotifierService.start(arguments());
        vcpu = VcpuService.start(arguments(
                "--faultline.vcpu.pager-target=" + target,
                "--faultline.vcpu.notifier-target=127.0.0.1:" + port(notifier)));
        vcpuChannel = channel(vcpu);
        notifierChannel = channel(notifier);
    }

    private static Server serve(HeldPager pager) {
        try {
            return NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .directExecutor()
                    .addService(pager)
                    .build()
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The VMs' owner. */
    VmServiceGrpc.VmServiceBlockingStub vms() {
        return VmServiceGrpc.newBlockingStub(vcpuChannel).withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    /** Where vcpu-service listens, {@code host:port}. */
    String vcpuAddress() {
        return "127.0.0.1:" + port(vcpu);
    }

    FaultServiceGrpc.FaultServiceStub faults() {
        return FaultServiceGrpc.newStub(vcpuChannel);
    }

    GuestServiceGrpc.GuestServiceStub guests() {
        return GuestServiceGrpc.newStub(notifierChannel);
    }

    /** Registers the VM, once the notifier is there to create its vCPU; three quarters of its pages are swapped out. */
    void populate() {
        register(VM);
        for (int page = 0; page < PAGES; page++) {
            write(VM, page, image(page));
        }
        await(() -> pager.stored().size() >= PAGES - RESIDENT);
    }

    /** Registers a VM, once the notifier is there to create its vCPU. */
    void register(long vmId) {
        VmSpec spec = VmSpec.newBuilder()
                .setVmId(vmId)
                .addMemslots(
                        Memslot.newBuilder().setSlot(0).setBaseGfn(BASE_GFN).setPages(PAGES + 1))
                .addVcpuIds(VCPU)
                .setResidentPagesMax(RESIDENT)
                .setPageSizeBytes(PAGE)
                .build();
        await(() -> vcpu.getBean(io.faultline.vcpu.app.grpc.GrpcNotifier.class).isConnected());
        assertThat(vms().registerVm(RegisterVmRequest.newBuilder().setSpec(spec).build()))
                .isNotNull();
    }

    /** Writes a page of a VM as the host. */
    void write(long vmId, int page, ByteString bytes) {
        assertThat(vms().writeMemory(WriteMemoryRequest.newBuilder()
                        .setVmId(vmId)
                        .setIpa((BASE_GFN + page) * PAGE)
                        .setData(bytes)
                        .build()))
                .isNotNull();
    }

    /** Reads a page of a VM as the host. */
    ByteString read(long vmId, int page) {
        return vms().readMemory(ReadMemoryRequest.newBuilder()
                        .setVmId(vmId)
                        .setIpa((BASE_GFN + page) * PAGE)
                        .setLengthBytes(PAGE)
                        .build())
                .getData();
    }

    /** A page's bytes: its number, all over. */
    static ByteString image(int page) {
        byte[] bytes = new byte[PAGE];
        Arrays.fill(bytes, (byte) (page + 1));
        return ByteString.copyFrom(bytes);
    }

    /** The guest's hypercall ENABLE. */
    long enable() {
        return vms().configureAsyncPf(ConfigureAsyncPfRequest.newBuilder()
                        .setVmId(VM)
                        .setVcpuId(VCPU)
                        .setHypercall(AsyncPfHypercall.newBuilder()
                                .setFunction(4)
                                .setArgument2((int) CONTROL)
                                .setArgument3((int) (CONTROL >>> 32)))
                        .build())
                .getResult();
    }

    /** Waits until a condition of other threads holds. */
    static void await(BooleanSupplier condition) {
        Instant deadline = Instant.now().plus(PATIENCE);
        while (!condition.getAsBoolean()) {
            if (Instant.now().isAfter(deadline)) {
                throw new AssertionError("not so within " + PATIENCE);
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Override
    public void close() {
        channels.forEach(ManagedChannel::shutdownNow);
        vcpu.close();
        notifier.close();
        if (pagerServer != null) {
            pagerServer.shutdownNow();
        }
    }

    private ManagedChannel channel(ConfigurableApplicationContext service) {
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", port(service))
                .usePlaintext()
                .build();
        channels.add(channel);
        return channel;
    }

    private static int port(ConfigurableApplicationContext service) {
        return service.getBean(GrpcServerLifecycle.class).getPort();
    }

    private static String[] arguments(String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "--spring.grpc.server.port=0",
                "--spring.grpc.server.address=127.0.0.1",
                "--faultline.management.port=0",
                "--faultline.management.address=127.0.0.1",
                "--faultline.audit.enabled=false"));
        arguments.addAll(List.of(more));
        return arguments.toArray(String[]::new);
    }
}
