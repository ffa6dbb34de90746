// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import com.google.protobuf.UnsafeByteOperations;
import io.faultline.model.FailReason;
import io.faultline.proto.vcpu.v1.ReadMemoryRequest;
import io.faultline.proto.vcpu.v1.ReadMemoryResponse;
import io.faultline.proto.vcpu.v1.WriteMemoryRequest;
import io.faultline.proto.vcpu.v1.WriteMemoryResponse;
import io.faultline.rpc.ServiceLoop;
import io.faultline.rpc.Statuses;
import io.faultline.vcpu.app.host.HostedVm;
import io.faultline.vcpu.app.host.MemoryTransfer;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.ByteBuffer;

/** Carries out ReadMemory and WriteMemory. Loop thread only. */
public final class MemoryCalls {
    static final int LENGTH_MAX = 1 << 20;

    private final ServiceLoop loop;
    private final long maxBytes;
    private long bytes;

    /** Calls whose bytes are {@code maxBytes} together at most, from the request until the answer has left. */
    public MemoryCalls(ServiceLoop loop, long maxBytes) {
        this.loop = loop;
        this.maxBytes = maxBytes;
    }

    void read(HostedVm vm, ReadMemoryRequest request, Call<ReadMemoryResponse> call) {
        int length = request.getLengthBytes();
        requireRange(vm, request.getIpa(), length, "length_bytes");
        Claim claim = claim(length, call);
        byte[] data = new byte[length];
        MemoryTransfer.read(
                loop,
                vm,
                request.getIpa(),
                ByteBuffer.wrap(data),
                new Answer<>(
                        vm,
                        call,
                        claim,
                        () -> ReadMemoryResponse.newBuilder()
                                .setData(UnsafeByteOperations.unsafeWrap(data))
                                .build()));
    }

    void write(HostedVm vm, WriteMemoryRequest request, Call<WriteMemoryResponse> call) {
        requireRange(vm, request.getIpa(), request.getData().size(), "data");
        Claim claim = claim(request.getData().size(), call);
        MemoryTransfer.write(
                loop,
                vm,
                request.getIpa(),
                request.getData().asReadOnlyByteBuffer(),
                new Answer<>(vm, call, claim, WriteMemoryResponse::getDefaultInstance));
    }

    private Claim claim(int length, Call<?> call) {
        if (bytes + length > maxBytes) {
            throw Statuses.resourceExhausted("memory calls: " + bytes + " bytes are under way, " + length
                    + " more (expected: at most " + maxBytes + ", faultline.vcpu.memory-calls-max-bytes)");
        }
        Claim claim = new Claim(length);
        call.whenOver(claim::partOver);
        return claim;
    }

    private static void requireRange(HostedVm vm, long ipa, int length, String field) {
        if (length < 1 || length > LENGTH_MAX) {
            throw Statuses.invalid(
                    field, Integer.toUnsignedString(length) + " bytes (expected: 1 to " + LENGTH_MAX + ")");
        }
        int shift = vm.spec().pageSize().shift();
        long firstGfn = ipa >>> shift;
        long lastGfn = (ipa + length - 1) >>> shift;
        boolean inside = ipa >= 0
                && vm.machine().memslots().stream()
                        .anyMatch(memslot -> memslot.contains(firstGfn) && memslot.contains(lastGfn));
        if (!inside) {
            throw Statuses.invalid(
                    "ipa",
                    "0x" + Long.toHexString(ipa) + " and " + length + " bytes (expected: a range in one memslot of VM "
                            + vm.id() + ")");
        }
    }

    /** Bytes that are held until the transfer has ended and its call is over; a call that is broken off ends no transfer. */
    private final class Claim {
        private final int length;
        private int partsOpen = 2;

        Claim(int length) {
            this.length = length;
            bytes += length;
        }

        void partOver() {
            partsOpen--;
            if (partsOpen == 0) {
                bytes -= length;
            }
        }
    }

    /** Answers the call that a transfer was for. */
    private record Answer<R>(HostedVm vm, Call<R> call, Claim claim, java.util.function.Supplier<R> response)
            implements MemoryTransfer.Listener {
        @Override
        public void transferred() {
            call.answer(response.get());
            claim.partOver();
        }

        @Override
        public void failed(long gfn, FailReason reason) {
            call.fail(status("gfn 0x" + Long.toHexString(gfn) + " of VM " + vm.id(), reason));
            claim.partOver();
        }

        private static StatusRuntimeException status(String page, FailReason reason) {
            return switch (reason) {
                case PAGE_ABSENT ->
                    Status.DATA_LOSS.withDescription(page + " is in no tier").asRuntimeException();
                case PAGE_CORRUPT ->
                    Status.DATA_LOSS
                            .withDescription(page + " does not match its checksum")
                            .asRuntimeException();
                case PAGE_UNAVAILABLE ->
                    Statuses.unavailable(page + ": the tiers stayed unavailable until the fetch's deadline");
                case NO_MEMSLOT, READ_ONLY ->
                    Status.FAILED_PRECONDITION
                            .withDescription(page + ": its memslot was changed meanwhile")
                            .asRuntimeException();
                case VM_GONE, NO_SUCH_VM, NO_SUCH_VCPU -> Statuses.notFound(page + ": unregistered meanwhile");
                case OVERLOADED -> Statuses.resourceExhausted(page + ": too many accesses wait");
                case NONE, INVALID ->
                    Status.INTERNAL.withDescription(page + ": " + reason).asRuntimeException();
            };
        }
    }
}
