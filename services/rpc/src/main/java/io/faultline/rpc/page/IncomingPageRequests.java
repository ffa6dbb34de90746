// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc.page;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistryLite;
import io.faultline.proto.pager.v1.PageOperation;
import io.faultline.rpc.TraceParents;
import io.faultline.rpc.page.PageWire.RequestTag;
import io.faultline.telemetry.TraceParent;
import io.grpc.Status;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A {@code PageRequestBatch} as a server receives it: every descriptor is known to be a valid request, and the block
 * of bytes to be as long as the STOREs say. Owned by the thread that received it; close it in the same turn.
 */
public final class IncomingPageRequests extends IncomingPages {
    private static final int REQUEST_ID = 0;
    private static final int OPERATION = 1;
    private static final int VM_ID = 2;
    private static final int GFN = 3;
    private static final int VERSION = 4;
    private static final int SIZE_BYTES = 5;
    private static final int CRC32C = 6;
    private static final int COLUMNS = 7;

    /* By descriptor; made with the first traced request, for hardly any batch has one. */
    private @Nullable TraceParent @Nullable [] traces;
    private @Nullable Status refusal;

    IncomingPageRequests() {
        super(COLUMNS);
    }

    /** The client's number for request {@code i}. */
    public long requestId(int i) {
        return column(REQUEST_ID, i);
    }

    /** What request {@code i} asks for: FETCH, STORE, DISCARD or PREFETCH. */
    public PageOperation operation(int i) {
        PageOperation operation = PageOperation.forNumber((int) column(OPERATION, i));
        return operation == null ? PageOperation.UNRECOGNIZED : operation;
    }

    /** The VM, 1 to 2^63-1. */
    public long vmId(int i) {
        return column(VM_ID, i);
    }

    /** The guest frame number. */
    public long gfn(int i) {
        return column(GFN, i);
    }

    /** The page's version. */
    public long version(int i) {
        return column(VERSION, i);
    }

    /** The page's size: 4,096, 16,384 or 65,536 bytes. */
    @Override
    public int sizeBytes(int i) {
        return (int) column(SIZE_BYTES, i);
    }

    /** With STORE: the CRC-32C that the client computed. */
    public int crc32c(int i) {
        return (int) column(CRC32C, i);
    }

    /** The client's span of request {@code i}, or null for one that is not traced. */
    public @Nullable TraceParent trace(int i) {
        return traces == null ? null : traces[i];
    }

    @Override
    public boolean hasPage(int i) {
        return column(OPERATION, i) == PageOperation.PAGE_OPERATION_STORE_VALUE;
    }

    @Override
    void decode(int i, CodedInputStream fields) throws IOException {
        int tag;
        while ((tag = fields.readTag()) != 0) {
            if (tag == RequestTag.REQUEST_ID) {
                setColumn(REQUEST_ID, i, fields.readUInt64());
            } else if (tag == RequestTag.OPERATION) {
                setColumn(OPERATION, i, fields.readEnum());
            } else if (tag == RequestTag.VM_ID) {
                setColumn(VM_ID, i, fields.readUInt64());
            } else if (tag == RequestTag.GFN) {
                setColumn(GFN, i, fields.readUInt64());
            } else if (tag == RequestTag.VERSION) {
                setColumn(VERSION, i, fields.readUInt64());
            } else if (tag == RequestTag.SIZE_BYTES) {
                setColumn(SIZE_BYTES, i, fields.readUInt32());
            } else if (tag == RequestTag.CRC32C) {
                setColumn(CRC32C, i, fields.readFixed32());
            } else if (tag == RequestTag.TRACE) {
                setTrace(
                        i,
                        TraceParents.of(fields.readMessage(
                                io.faultline.proto.trace.v1.TraceParent.parser(),
                                ExtensionRegistryLite.getEmptyRegistry())));
            } else {
                fields.skipField(tag);
            }
        }
        requireValid(i);
    }

    @Override
    boolean decodeUsual(int i, UsualFields fields) {
        int tag;
        while ((tag = fields.tag()) != 0) {
            switch (tag) {
                case RequestTag.REQUEST_ID -> setColumn(REQUEST_ID, i, fields.varint());
                case RequestTag.OPERATION -> setColumn(OPERATION, i, fields.int32());
                case RequestTag.VM_ID -> setColumn(VM_ID, i, fields.varint());
                case RequestTag.GFN -> setColumn(GFN, i, fields.varint());
                case RequestTag.VERSION -> setColumn(VERSION, i, fields.varint());
                case RequestTag.SIZE_BYTES -> setColumn(SIZE_BYTES, i, fields.int32());
                case RequestTag.CRC32C -> setColumn(CRC32C, i, fields.fixed32());
                // A span is there for one fault in many.
                default -> fields.unusual();
            }
        }
        if (!fields.isUsual()) {
            return false;
        }
        requireValid(i);
        return true;
    }

    /** Why this is no batch at all; null for one that a handler may see. */
    @Nullable
    Status refusal() {
        return refusal;
    }

    void refuse(Status why) {
        refusal = why;
    }

    private void setTrace(int i, @Nullable TraceParent trace) {
        if (traces == null) {
            traces = new TraceParent[PageBatchLimits.DESCRIPTORS_MAX];
        }
        traces[i] = trace;
    }

    private void requireValid(int i) {
        if (operation(i) == PageOperation.UNRECOGNIZED || operation(i) == PageOperation.PAGE_OPERATION_UNSPECIFIED) {
            throw PageWire.refusal("requests[" + i + "].operation: " + column(OPERATION, i)
                    + " (expected: FETCH, STORE, DISCARD or PREFETCH)");
        }
        if (vmId(i) <= 0) {
            throw PageWire.refusal(
                    "requests[" + i + "].vm_id: " + Long.toUnsignedString(vmId(i)) + " (expected: 1 to 2^63-1)");
        }
        if (!PageWire.isPageSize(sizeBytes(i))) {
            throw PageWire.refusal("requests[" + i + "].size_bytes: " + Integer.toUnsignedString(sizeBytes(i))
                    + " (expected: 4096, 16384 or 65536)");
        }
    }
}
