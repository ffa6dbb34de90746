// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc.page;

import com.google.protobuf.MessageLite;
import io.faultline.proto.pager.v1.PageOperation;
import io.faultline.rpc.TraceParents;
import io.faultline.rpc.page.PageWire.RequestTag;
import io.faultline.telemetry.TraceParent;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A {@code PageRequestBatch} being built by a client: append, send with {@code ClientCall.sendMessage}, {@link #clear},
 * use again. Owned by the thread that sends it.
 *
 * <p>Page bytes are read from their memory inside {@code sendMessage} <em>if</em> the call's transport is up and the
 * channel has retries disabled; before the first {@code onReady}, or with retries, gRPC keeps the batch and would read
 * it later. So: {@code disableRetry()} on the channel, send only while {@code isReady()}.
 */
public final class OutgoingPageRequests extends OutgoingPages {
    /** Tag and length, and every field at its longest. */
    private static final int DESCRIPTOR_BYTES_MAX = 2 + 5 * 11 + 2 + 5 + 2 + 3 * 9;

    /** An empty batch. */
    public OutgoingPageRequests() {
        super(DESCRIPTOR_BYTES_MAX);
    }

    /** Appends a FETCH of a page of so many bytes. */
    public void fetch(long requestId, long vmId, long gfn, long version, int sizeBytes) {
        append(requestId, PageOperation.PAGE_OPERATION_FETCH_VALUE, new Name(vmId, gfn, version), sizeBytes, 0);
    }

    /** Appends a FETCH for a fault that is traced, with its span of the fetch. */
    public void tracedFetch(long requestId, long vmId, long gfn, long version, int sizeBytes, TraceParent trace) {
        append(
                requestId,
                PageOperation.PAGE_OPERATION_FETCH_VALUE,
                new Name(vmId, gfn, version),
                sizeBytes,
                0,
                TraceParents.toMessage(trace));
    }

    /** Appends a PREFETCH of a page of so many bytes: a hint that gets no reply. */
    public void prefetch(long requestId, long vmId, long gfn, long version, int sizeBytes) {
        append(requestId, PageOperation.PAGE_OPERATION_PREFETCH_VALUE, new Name(vmId, gfn, version), sizeBytes, 0);
    }

    /** Appends a DISCARD of a page of so many bytes: a hint that gets no reply. */
    public void discard(long requestId, long vmId, long gfn, long version, int sizeBytes) {
        append(requestId, PageOperation.PAGE_OPERATION_DISCARD_VALUE, new Name(vmId, gfn, version), sizeBytes, 0);
    }

    /**
     * Appends a STORE of the whole page that {@code page} is: 4,096, 16,384 or 65,536 bytes, which must not change
     * until the batch was sent.
     *
     * @throws IllegalStateException if {@link #hasRoomForPage} says no
     */
    public void store(long requestId, long vmId, long gfn, long version, int crc32c, MemorySegment page) {
        int sizeBytes = Math.toIntExact(page.byteSize());
        requirePage(page, 0, sizeBytes);
        append(requestId, PageOperation.PAGE_OPERATION_STORE_VALUE, new Name(vmId, gfn, version), sizeBytes, crc32c);
        addPage(page, 0, sizeBytes);
    }

    private void append(long requestId, int operation, Name name, int sizeBytes, int crc32c) {
        append(requestId, operation, name, sizeBytes, crc32c, null);
    }

    private void append(
            long requestId, int operation, Name name, int sizeBytes, int crc32c, @Nullable MessageLite trace) {
        beginDescriptor();
        writeVarint(RequestTag.REQUEST_ID, requestId);
        writeVarint(RequestTag.OPERATION, operation);
        writeVarint(RequestTag.VM_ID, name.vmId);
        writeVarint(RequestTag.GFN, name.gfn);
        writeVarint(RequestTag.VERSION, name.version);
        writeVarint(RequestTag.SIZE_BYTES, sizeBytes);
        writeFixed32(RequestTag.CRC32C, crc32c);
        writeMessage(RequestTag.TRACE, trace);
        endDescriptor();
    }

    /** A page's name, so that a method needs fewer parameters; it never escapes {@link #append}. */
    private record Name(long vmId, long gfn, long version) {}
}
