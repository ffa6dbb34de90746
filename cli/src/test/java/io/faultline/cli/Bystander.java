// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.faultline.proto.notifier.v1.GuestServiceGrpc;
import io.faultline.proto.vcpu.v1.AsyncPfHypercall;
import io.faultline.proto.vcpu.v1.ConfigureAsyncPfRequest;
import io.faultline.proto.vcpu.v1.FaultServiceGrpc;
import io.faultline.proto.vcpu.v1.Memslot;
import io.faultline.proto.vcpu.v1.Outcome;
import io.faultline.proto.vcpu.v1.OutcomeKind;
import io.faultline.proto.vcpu.v1.RegisterVmRequest;
import io.faultline.proto.vcpu.v1.VmServiceGrpc;
import io.faultline.proto.vcpu.v1.VmSpec;
import io.faultline.proto.vcpu.v1.WriteMemoryRequest;
import io.grpc.Channel;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A well-behaved guest on a thread of its own: one asynchronous fault after another, each on a page that has to be fetched,
 * each page's bytes looked at. Begun, measured and ended by the test's thread.
 */
final class Bystander implements AutoCloseable {
    private static final long PAUSE_NS = 1_000_000;
    private static final int LATENCIES_MAX = 1 << 20;

    private final WireGuest guest;
    private final Thread thread;
    private final long[] latenciesNs = new long[LATENCIES_MAX];
    private final AtomicInteger faults = new AtomicInteger();
    private volatile boolean isOver;
    private volatile @Nullable Throwable failure;

    /** Registers {@link WireHost#VM}, writes its pages, boots its guest up and begins. */
    Bystander(Channel vcpu, Channel notifier) {
        VmServiceGrpc.VmServiceBlockingStub vms = VmServiceGrpc.newBlockingStub(vcpu);
        VmSpec spec = VmSpec.newBuilder()
                .setVmId(WireHost.VM)
                .addMemslots(Memslot.newBuilder().setBaseGfn(WireHost.BASE_GFN).setPages(WireHost.PAGES + 1))
                .addVcpuIds(WireHost.VCPU)
                .setResidentPagesMax(WireHost.RESIDENT)
                .setPageSizeBytes(WireHost.PAGE)
                .build();
        assertThat(vms.registerVm(RegisterVmRequest.newBuilder().setSpec(spec).build()))
                .isNotNull();
        for (int page = 0; page < WireHost.PAGES; page++) {
            assertThat(vms.writeMemory(WriteMemoryRequest.newBuilder()
                            .setVmId(WireHost.VM)
                            .setIpa((WireHost.BASE_GFN + page) * WireHost.PAGE)
                            .setData(WireHost.image(page))
                            .build()))
                    .isNotNull();
        }
        guest = new WireGuest(FaultServiceGrpc.newStub(vcpu), GuestServiceGrpc.newStub(notifier));
        guest.bootUp();
        long control = WireHost.CONTROL;
        assertThat(vms.configureAsyncPf(ConfigureAsyncPfRequest.newBuilder()
                                .setVmId(WireHost.VM)
                                .setVcpuId(WireHost.VCPU)
                                .setHypercall(AsyncPfHypercall.newBuilder()
                                        .setFunction(4)
                                        .setArgument2((int) control)
                                        .setArgument3((int) (control >>> 32)))
                                .build())
                        .getResult())
                .isZero();
        thread = Thread.ofPlatform().name("bystander").start(this::run);
    }

    private void run() {
        try {
            for (int page = 0; !isOver; page = (page + 1) % WireHost.PAGES) {
                long beginNs = System.nanoTime();
                long fault = guest.touch(page);
                Outcome end = guest.end(fault);
                latenciesNs[faults.get() % LATENCIES_MAX] = System.nanoTime() - beginNs;
                requireRight(end, page);
                guest.forget(fault);
                faults.incrementAndGet();
                LockSupport.parkNanos(PAUSE_NS);
            }
        } catch (RuntimeException | AssertionError e) {
            failure = e;
        }
    }

    private static void requireRight(Outcome end, int page) {
        ByteString first = WireHost.image(page).substring(0, 8);
        boolean isRight = end.getKind() != OutcomeKind.OUTCOME_KIND_FAILED
                && end.getLoaded().equals(first);
        if (!isRight) {
            throw new AssertionError("page " + page + ": " + end + " (expected: " + first + ")");
        }
    }

    /** How many faults have ended. */
    int faults() {
        return faults.get();
    }

    /** What the faults from this one to now took. */
    Latencies since(int firstFault) {
        if (failure != null) {
            throw new AssertionError("the bystander was harmed", failure);
        }
        long[] taken = Arrays.copyOfRange(latenciesNs, firstFault, faults.get());
        Arrays.sort(taken);
        return new Latencies(taken);
    }

    @Override
    public void close() {
        isOver = true;
        try {
            thread.join(TimeUnit.SECONDS.toMillis(30));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Latencies in ascending order, in nanoseconds. */
    static final class Latencies {
        private final long[] ns;

        private Latencies(long... ns) {
            this.ns = ns;
        }

        int count() {
            return ns.length;
        }

        /** The latency that this share of them does not exceed, in milliseconds. */
        double ms(double share) {
            return ns[(int) Math.min(ns.length - 1, Math.floor(share * ns.length))] / 1e6;
        }

        @Override
        public String toString() {
            return "%d faults, p50 %.1f ms, p99 %.1f ms, most %.1f ms".formatted(count(), ms(0.5), ms(0.99), ms(1));
        }
    }
}
