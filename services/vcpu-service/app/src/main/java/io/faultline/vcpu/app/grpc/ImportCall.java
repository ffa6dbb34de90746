// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import com.google.protobuf.ByteString;
import io.faultline.proto.vcpu.v1.ImportMemoryBegin;
import io.faultline.proto.vcpu.v1.ImportMemoryRequest;
import io.faultline.proto.vcpu.v1.ImportMemoryResponse;
import io.faultline.rpc.Statuses;
import io.faultline.vcpu.app.host.HostedVm;
import io.faultline.vcpu.app.host.MemoryImport;
import io.faultline.vcpu.app.host.MemoryImports;
import io.faultline.vcpu.domain.ImportRefusal;
import io.faultline.vcpu.domain.Memslot;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** One client's ImportMemory: it is read only as fast as its import takes pages. Loop thread only. */
final class ImportCall implements StreamObserver<ImportMemoryRequest>, MemoryImport.Listener {
    private final LongFunction<HostedVm> vms;
    private final MemoryImports imports;
    private final ServerCallStreamObserver<ImportMemoryResponse> call;
    private @Nullable MemoryImport running;
    private long vmId;
    private int pageBytes;
    private long bytesExpected;
    private long bytesReceived;
    private boolean isAnswered;

    /**
     * A call whose first message is asked for.
     *
     * @param vms finds the VM of an id, or refuses with a status
     */
    ImportCall(LongFunction<HostedVm> vms, MemoryImports imports, ServerCallStreamObserver<ImportMemoryResponse> call) {
        this.vms = vms;
        this.imports = imports;
        this.call = call;
        call.disableAutoRequest();
        call.setOnCancelHandler(this::gone);
        call.request(1);
    }

    @Override
    public void onNext(ImportMemoryRequest request) {
        if (isAnswered) {
            return;
        }
        try {
            switch (request.getContentCase()) {
                case BEGIN -> begin(request.getBegin());
                case PAGES -> pages(request.getPages());
                case CONTENT_NOT_SET -> throw Statuses.invalid("content", "none (expected: begin or pages)");
            }
        } catch (StatusRuntimeException refusal) {
            refuse(refusal);
        }
    }

    private void begin(ImportMemoryBegin begin) {
        if (running != null) {
            throw Statuses.invalid("begin", "again (expected: once, and then pages)");
        }
        HostedVm vm = vms.apply(begin.getVmId());
        requireLength(vm, begin.getImageBytes());
        if (vm.isImporting()) {
            throw Statuses.failedPrecondition(
                    "VM " + vm.id() + ": another import is under way (expected: one at a time)");
        }
        if (!imports.hasRoom()) {
            throw Statuses.resourceExhausted(
                    "imports: " + MemoryImports.IMPORTS_MAX + " are under way (expected: fewer)");
        }
        vmId = vm.id();
        pageBytes = vm.spec().pageSize().bytes();
        bytesExpected = begin.getImageBytes();
        running = imports.begin(vm, bytesExpected, begin.getReplace(), this);
        call.request(MemoryImport.CHUNKS_MAX);
    }

    private static void requireLength(HostedVm vm, long bytes) {
        int page = vm.spec().pageSize().bytes();
        long memory = vm.machine().memslots().stream().mapToLong(Memslot::pages).sum() * page;
        if (bytes <= 0 || bytes % page != 0 || bytes > memory) {
            throw Statuses.invalid(
                    "image_bytes",
                    Long.toUnsignedString(bytes) + " (expected: a multiple of the page size, " + page
                            + ", from one page to the " + memory + " bytes of the memslots of VM " + vm.id() + ")");
        }
    }

    private void pages(ByteString bytes) {
        MemoryImport to = running;
        if (to == null) {
            throw Statuses.invalid("pages", "first (expected: begin, and then pages)");
        }
        int size = bytes.size();
        if (size == 0 || size > MemoryImport.CHUNK_BYTES_MAX || size % pageBytes != 0) {
            throw Statuses.invalid(
                    "pages",
                    size + " bytes (expected: whole pages of " + pageBytes + " bytes, at most "
                            + MemoryImport.CHUNK_BYTES_MAX + ")");
        }
        if (size > bytesExpected - bytesReceived) {
            throw Statuses.invalid("pages", "more than the " + bytesExpected + " bytes that image_bytes said");
        }
        bytesReceived += size;
        to.pages(bytes.toByteArray());
    }

    @Override
    public void onCompleted() {
        if (isAnswered) {
            return;
        }
        MemoryImport all = running;
        if (all == null) {
            refuse(Statuses.invalid("begin", "none (expected: it comes first)"));
        } else if (bytesReceived < bytesExpected) {
            refuse(Statuses.invalid(
                    "pages", bytesReceived + " bytes (expected: the " + bytesExpected + " that image_bytes said)"));
        } else {
            all.complete();
        }
    }

    /* Heard of by the cancel handler too. */
    @Override
    public void onError(Throwable broken) {
        gone();
    }

    private void gone() {
        isAnswered = true;
        if (running != null) {
            running.abandon();
        }
    }

    @Override
    public void readyForMore() {
        if (!isAnswered) {
            call.request(1);
        }
    }

    @Override
    public void imported(long stored, long zeros, long duplicates) {
        if (!isAnswered) {
            isAnswered = true;
            call.onNext(ImportMemoryResponse.newBuilder()
                    .setStoredPages(stored)
                    .setZeroPages(zeros)
                    .setDuplicatePages(duplicates)
                    .build());
            call.onCompleted();
        }
    }

    @Override
    public void failed(long gfn, ImportRefusal why) {
        if (!isAnswered) {
            isAnswered = true;
            call.onError(status("gfn 0x" + Long.toHexString(gfn) + " of VM " + vmId, why));
        }
    }

    private void refuse(StatusRuntimeException refusal) {
        isAnswered = true;
        call.onError(refusal);
        if (running != null) {
            running.abandon();
        }
    }

    private static StatusRuntimeException status(String page, ImportRefusal why) {
        return switch (why) {
            case NO_MEMSLOT -> Statuses.failedPrecondition(page + ": its memslot was changed meanwhile");
            case NOT_EMPTY ->
                Statuses.failedPrecondition(
                        page + " holds something already (expected: a page of zeros in no frame, or replace)");
            case IN_USE -> Statuses.failedPrecondition(page + ": a vCPU or the host uses it at this moment");
            case UNAVAILABLE -> Statuses.unavailable(page + ": the tiers stayed unavailable until its deadline");
            case VM_GONE -> Statuses.notFound(page + ": unregistered meanwhile");
            case GIVEN_UP ->
                Status.CANCELLED.withDescription(page + ": given up").asRuntimeException();
        };
    }
}
