// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.grpc;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.faultline.loadtest.trace.Memslot;
import io.faultline.model.PageSize;
import io.faultline.proto.vcpu.v1.AsyncPfHypercall;
import io.faultline.proto.vcpu.v1.ConfigureAsyncPfRequest;
import io.faultline.proto.vcpu.v1.ConfigureAsyncPfResponse;
import io.faultline.proto.vcpu.v1.GetVmRequest;
import io.faultline.proto.vcpu.v1.GetVmResponse;
import io.faultline.proto.vcpu.v1.ReadMemoryRequest;
import io.faultline.proto.vcpu.v1.ReadMemoryResponse;
import io.faultline.proto.vcpu.v1.RegisterVmRequest;
import io.faultline.proto.vcpu.v1.UnregisterVmRequest;
import io.faultline.proto.vcpu.v1.VmCounters;
import io.faultline.proto.vcpu.v1.VmServiceGrpc;
import io.faultline.proto.vcpu.v1.VmSpec;
import io.faultline.proto.vcpu.v1.WriteMemoryRequest;
import io.faultline.proto.vcpu.v1.WriteMemoryResponse;
import io.grpc.Channel;
import io.grpc.Status;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The slow path to the fault plane for one VM. Methods that return a value wait for it and belong on the caller's own
 * thread; methods that take a callback belong on the loop, where it runs too, and wait while others are in flight.
 */
public final class VmClient {
    private static final long CALL_TIMEOUT_S = 30;
    private static final long FIND_TIMEOUT_S = 2;
    private static final long WORD_LOW = 0xFFFF_FFFFL;
    static final int CALLS_IN_FLIGHT_MAX = 16;

    private final Channel channel;
    private final long vmId;
    private final CallQueue calls;

    /** A client for the VM of that id, with {@value #CALLS_IN_FLIGHT_MAX} calls in flight at most. */
    public VmClient(Channel channel, long vmId) {
        this(channel, vmId, new CallQueue(CALLS_IN_FLIGHT_MAX));
    }

    /** A client that shares a queue with those of other VMs. */
    public VmClient(Channel channel, long vmId, CallQueue calls) {
        this.channel = channel;
        this.vmId = vmId;
        this.calls = calls;
    }

    /** Registers the VM as {@link #register(List, int[], long, PageSize, int, Integer)} does, with the service's prefetching. */
    public void register(
            List<Memslot> memslots, int[] vcpuIds, long residentPagesMax, PageSize pageSize, int fetchDeadlineMs) {
        register(memslots, vcpuIds, residentPagesMax, pageSize, fetchDeadlineMs, null);
    }

    /**
     * Registers the VM.
     *
     * @param fetchDeadlineMs how long one of its fetches may be retried, in milliseconds; 0 for the fault plane's default
     * @throws io.grpc.StatusRuntimeException when the fault plane refuses or cannot be reached
     */
    public void register(
            List<Memslot> memslots,
            int[] vcpuIds,
            long residentPagesMax,
            PageSize pageSize,
            int fetchDeadlineMs,
            @Nullable Integer prefetchPagesMax) {
        VmSpec.Builder spec = VmSpec.newBuilder()
                .setVmId(vmId)
                .setResidentPagesMax(residentPagesMax)
                .setPageSizeBytes(pageSize.bytes())
                .setFetchDeadlineMs(fetchDeadlineMs);
        if (prefetchPagesMax != null) {
            spec.setPrefetchPagesMax(prefetchPagesMax);
        }
        for (int vcpuId : vcpuIds) {
            spec.addVcpuIds(vcpuId);
        }
        for (Memslot memslot : memslots) {
            spec.addMemslotsBuilder()
                    .setSlot(memslot.slot())
                    .setBaseGfn(memslot.baseGfn())
                    .setPages(memslot.pages());
        }
        blocking().registerVm(RegisterVmRequest.newBuilder().setSpec(spec).build());
    }

    /**
     * Ends the VM.
     *
     * @throws io.grpc.StatusRuntimeException when it is unknown or the fault plane cannot be reached
     */
    public LastCounters unregister() {
        VmCounters counters = blocking()
                .unregisterVm(UnregisterVmRequest.newBuilder().setVmId(vmId).build())
                .getCounters();
        return new LastCounters(
                counters.getFaults(),
                counters.getTokensIssued(),
                counters.getPagesWrittenOut(),
                counters.getWakeAlls(),
                counters.getStaleMessages());
    }

    /** Asks whether the VM is registered; a service that does not answer soon counts as one that cannot be reached. */
    public void find(Runnable found, Consumer<Status> failed) {
        GetVmRequest request = GetVmRequest.newBuilder().setVmId(vmId).build();
        whenDone(
                () -> VmServiceGrpc.newFutureStub(channel)
                        .withDeadlineAfter(FIND_TIMEOUT_S, TimeUnit.SECONDS)
                        .getVm(request),
                (GetVmResponse response) -> found.run(),
                failed);
    }

    /** Makes the asynchronous fault's hypercall; {@code returned} gets the value of x0. */
    public void hypercall(int vcpuId, int function, long argument, LongConsumer returned, Consumer<Status> failed) {
        ConfigureAsyncPfRequest request = ConfigureAsyncPfRequest.newBuilder()
                .setVmId(vmId)
                .setVcpuId(vcpuId)
                .setHypercall(AsyncPfHypercall.newBuilder()
                        .setFunction(function)
                        .setArgument2((int) (argument & WORD_LOW))
                        .setArgument3((int) (argument >>> Integer.SIZE)))
                .build();
        whenDone(
                () -> future().configureAsyncPf(request),
                (ConfigureAsyncPfResponse response) -> returned.accept(response.getResult()),
                failed);
    }

    /** Writes guest memory; {@code data} is the callee's from now on. */
    public void writeMemory(long ipa, byte[] data, Runnable written, Consumer<Status> failed) {
        ByteString bytes = UnsafeByteOperations.unsafeWrap(data);
        WriteMemoryRequest request = WriteMemoryRequest.newBuilder()
                .setVmId(vmId)
                .setIpa(ipa)
                .setData(bytes)
                .build();
        whenDone(() -> future().writeMemory(request), (WriteMemoryResponse response) -> written.run(), failed);
    }

    /** Reads guest memory; {@code read} gets exactly so many bytes. */
    public void readMemory(long ipa, int lengthBytes, Consumer<ByteBuffer> read, Consumer<Status> failed) {
        ReadMemoryRequest request = ReadMemoryRequest.newBuilder()
                .setVmId(vmId)
                .setIpa(ipa)
                .setLengthBytes(lengthBytes)
                .build();
        whenDone(
                () -> future().readMemory(request),
                (ReadMemoryResponse response) -> {
                    if (response.getData().size() == lengthBytes) {
                        read.accept(response.getData().asReadOnlyByteBuffer());
                    } else {
                        failed.accept(Status.INTERNAL.withDescription(
                                "ReadMemory: " + response.getData().size() + " bytes (expected: " + lengthBytes + ")"));
                    }
                },
                failed);
    }

    private VmServiceGrpc.VmServiceBlockingStub blocking() {
        return VmServiceGrpc.newBlockingStub(channel).withDeadlineAfter(CALL_TIMEOUT_S, TimeUnit.SECONDS);
    }

    private VmServiceGrpc.VmServiceFutureStub future() {
        return VmServiceGrpc.newFutureStub(channel).withDeadlineAfter(CALL_TIMEOUT_S, TimeUnit.SECONDS);
    }

    private <T> void whenDone(Supplier<ListenableFuture<T>> call, Consumer<T> succeeded, Consumer<Status> failed) {
        calls.start(() -> Futures.addCallback(
                call.get(),
                new FutureCallback<T>() {
                    @Override
                    public void onSuccess(T response) {
                        calls.ended();
                        succeeded.accept(response);
                    }

                    @Override
                    public void onFailure(Throwable error) {
                        calls.ended();
                        failed.accept(Status.fromThrowable(error));
                    }
                },
                MoreExecutors.directExecutor()));
    }

    /**
     * What the fault plane counted for a VM until its end.
     *
     * @param faults faults raised
     * @param tokensIssued publications that the notifier accepted
     * @param pagesWrittenOut dirty pages that the pager has
     * @param wakeAlls wake-all notifications asked for
     * @param staleMessages messages of an old epoch that had no effect
     */
    public record LastCounters(
            long faults, long tokensIssued, long pagesWrittenOut, long wakeAlls, long staleMessages) {}
}
