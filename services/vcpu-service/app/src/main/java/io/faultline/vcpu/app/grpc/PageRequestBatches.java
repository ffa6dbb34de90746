// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import io.faultline.model.PageSize;
import io.faultline.rpc.BatchStream;
import io.faultline.rpc.page.OutgoingPageRequests;
import io.faultline.rpc.page.PageBatchLimits;
import io.faultline.telemetry.TraceParent;
import io.faultline.vcpu.app.host.HostedVm;
import io.faultline.vcpu.domain.PageImport;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Requests to the pager on their way into one batch. The bytes of a store are copied when it is appended, for its page may
 * be taken back and written before the turn ends. Loop thread only.
 */
final class PageRequestBatches implements BatchStream.Batch<OutgoingPageRequests> {
    /* A batch may be filled while the one before it is still being written, so there are two. */
    private Staged open = new Staged();
    private Staged other = new Staged();

    /** Appends a fetch, with the span of a traced fault that waits for it. */
    void fetch(long requestId, HostedVm vm, long gfn, long version, @Nullable TraceParent trace) {
        int bytes = vm.memory().pageBytes();
        if (trace == null) {
            open.batch.fetch(requestId, vm.id(), gfn, version, bytes);
        } else {
            open.batch.tracedFetch(requestId, vm.id(), gfn, version, bytes, trace);
        }
    }

    /** Appends a hint that the page is not needed any more. */
    void discard(HostedVm vm, long gfn, long version) {
        open.batch.discard(0, vm.id(), gfn, version, vm.memory().pageBytes());
    }

    /** Appends a hint that the page may be fetched soon. */
    void prefetch(HostedVm vm, long gfn, long version) {
        open.batch.prefetch(0, vm.id(), gfn, version, vm.memory().pageBytes());
    }

    /** Appends a store of what the frame holds now. */
    void store(long requestId, HostedVm vm, int frame, long gfn, long version, int crc) {
        int bytes = vm.memory().pageBytes();
        MemorySegment copy =
                open.copy(vm.memory().segment(frame).asSlice(vm.memory().offset(frame), bytes));
        open.batch.store(requestId, vm.id(), gfn, version, crc, copy);
    }

    /** Appends a store of a page of an image. */
    void store(long requestId, HostedVm vm, MemorySegment bytes, PageImport page) {
        open.batch.store(requestId, vm.id(), page.gfn(), page.version(), page.crc(), open.copy(bytes));
    }

    @Override
    public boolean isEmpty() {
        return open.batch.isEmpty();
    }

    @Override
    public boolean isFull() {
        return open.batch.isFull() || !open.batch.hasRoomForPage(PageSize.SIZE_64K.bytes());
    }

    @Override
    public OutgoingPageRequests take() {
        Staged taken = open;
        open = other;
        other = taken;
        open.clear();
        return taken.batch;
    }

    /** A batch and the bytes of its pages. */
    private static final class Staged {
        private final OutgoingPageRequests batch = new OutgoingPageRequests();
        private final MemorySegment bytes = MemorySegment.ofArray(new byte[PageBatchLimits.SENT_BYTES_MAX]);
        private long used;

        MemorySegment copy(MemorySegment page) {
            MemorySegment copy = bytes.asSlice(used, page.byteSize()).copyFrom(page);
            used += page.byteSize();
            return copy;
        }

        void clear() {
            batch.clear();
            used = 0;
        }
    }
}
