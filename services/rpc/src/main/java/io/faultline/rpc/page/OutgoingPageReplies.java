// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc.page;

import io.faultline.proto.pager.v1.PageReplyKind;
import io.faultline.rpc.page.PageWire.ReplyTag;
import java.lang.foreign.MemorySegment;

/**
 * A {@code PageReplyBatch} being built by a server: append, send with {@code ServerCall.sendMessage}, which reads the
 * page bytes, {@link #clear}, use again. Owned by the thread that sends it.
 */
public final class OutgoingPageReplies extends OutgoingPages {
    /** Tag and length, and every field at its longest. */
    private static final int DESCRIPTOR_BYTES_MAX = 2 + 11 + 2 + 2 + 4 + 5;

    /** An empty batch. */
    public OutgoingPageReplies() {
        super(DESCRIPTOR_BYTES_MAX);
    }

    /**
     * Appends a DATA reply with the {@code sizeBytes} bytes at {@code offset} in {@code memory}, which must not change
     * until the batch was sent.
     *
     * @param tier the {@code Tier}'s number
     * @throws IllegalStateException if {@link #hasRoomForPage} says no
     */
    public void data(long requestId, int tier, int crc32c, MemorySegment memory, long offset, int sizeBytes) {
        requirePage(memory, offset, sizeBytes);
        beginDescriptor();
        writeVarint(ReplyTag.REQUEST_ID, requestId);
        writeVarint(ReplyTag.KIND, PageReplyKind.PAGE_REPLY_KIND_DATA_VALUE);
        writeVarint(ReplyTag.TIER, tier);
        writeVarint(ReplyTag.SIZE_BYTES, sizeBytes);
        writeFixed32(ReplyTag.CRC32C, crc32c);
        endDescriptor();
        addPage(memory, offset, sizeBytes);
    }

    /**
     * Appends a reply without bytes: any kind but DATA.
     *
     * @param tier the {@code Tier}'s number with ZERO, 0 with any other kind
     */
    public void reply(long requestId, PageReplyKind kind, int tier) {
        if (kind == PageReplyKind.PAGE_REPLY_KIND_DATA) {
            throw new IllegalArgumentException("kind: DATA (expected: a kind without bytes)");
        }
        beginDescriptor();
        writeVarint(ReplyTag.REQUEST_ID, requestId);
        writeVarint(ReplyTag.KIND, kind.getNumber());
        writeVarint(ReplyTag.TIER, tier);
        endDescriptor();
    }
}
