// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc.page;

import com.google.protobuf.CodedInputStream;
import io.faultline.proto.pager.v1.PageReplyKind;
import io.faultline.rpc.page.PageWire.ReplyTag;
import java.io.IOException;

/**
 * A {@code PageReplyBatch} as a client receives it. Owned by the thread that received it; close it in the same turn.
 *
 * <pre>{@code
 * public void onMessage(IncomingPageReplies batch) {
 *     try (batch) {
 *         for (int i = 0; i < batch.size(); i++) {
 *             if (batch.kind(i) == PageReplyKind.PAGE_REPLY_KIND_DATA) {
 *                 batch.copyPage(i, frames, frameOffset);
 *             }
 *         }
 *     }
 * }
 * }</pre>
 */
public final class IncomingPageReplies extends IncomingPages {
    private static final int REQUEST_ID = 0;
    private static final int KIND = 1;
    private static final int TIER = 2;
    private static final int SIZE_BYTES = 3;
    private static final int CRC32C = 4;
    private static final int COLUMNS = 5;

    IncomingPageReplies() {
        super(COLUMNS);
    }

    /** The number of the request that reply {@code i} answers. */
    public long requestId(int i) {
        return column(REQUEST_ID, i);
    }

    /** What came of it; UNRECOGNIZED for a kind of a later release. */
    public PageReplyKind kind(int i) {
        PageReplyKind kind = PageReplyKind.forNumber((int) column(KIND, i));
        return kind == null ? PageReplyKind.UNRECOGNIZED : kind;
    }

    /** The number of the tier where the page was found, with DATA and ZERO. */
    public int tierCode(int i) {
        return (int) column(TIER, i);
    }

    /** With DATA: the page's size, 4,096, 16,384 or 65,536 bytes. */
    @Override
    public int sizeBytes(int i) {
        return (int) column(SIZE_BYTES, i);
    }

    /** With DATA: the CRC-32C that the page was stored with. The codec does not check it. */
    public int crc32c(int i) {
        return (int) column(CRC32C, i);
    }

    @Override
    public boolean hasPage(int i) {
        return column(KIND, i) == PageReplyKind.PAGE_REPLY_KIND_DATA_VALUE;
    }

    @Override
    void decode(int i, CodedInputStream fields) throws IOException {
        int tag;
        while ((tag = fields.readTag()) != 0) {
            if (tag == ReplyTag.REQUEST_ID) {
                setColumn(REQUEST_ID, i, fields.readUInt64());
            } else if (tag == ReplyTag.KIND) {
                setColumn(KIND, i, fields.readEnum());
            } else if (tag == ReplyTag.TIER) {
                setColumn(TIER, i, fields.readEnum());
            } else if (tag == ReplyTag.SIZE_BYTES) {
                setColumn(SIZE_BYTES, i, fields.readUInt32());
            } else if (tag == ReplyTag.CRC32C) {
                setColumn(CRC32C, i, fields.readFixed32());
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
                case ReplyTag.REQUEST_ID -> setColumn(REQUEST_ID, i, fields.varint());
                case ReplyTag.KIND -> setColumn(KIND, i, fields.int32());
                case ReplyTag.TIER -> setColumn(TIER, i, fields.int32());
                case ReplyTag.SIZE_BYTES -> setColumn(SIZE_BYTES, i, fields.int32());
                case ReplyTag.CRC32C -> setColumn(CRC32C, i, fields.fixed32());
                default -> fields.unusual();
            }
        }
        if (!fields.isUsual()) {
            return false;
        }
        requireValid(i);
        return true;
    }

    private void requireValid(int i) {
        if (hasPage(i) && !PageWire.isPageSize(sizeBytes(i))) {
            throw PageWire.refusal("replies[" + i + "].size_bytes: " + Integer.toUnsignedString(sizeBytes(i))
                    + " (expected: 4096, 16384 or 65536)");
        }
    }
}
