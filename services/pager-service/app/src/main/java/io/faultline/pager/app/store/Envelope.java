// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store;

import io.faultline.pager.app.memory.PageContents;
import io.faultline.pager.domain.LoadResult;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * What a swap store keeps for a page: 10 bytes that say how to read the rest, then the rest. A value that is not
 * exactly what was put there is CORRUPT, never a page. An instance belongs to one thread.
 *
 * <pre>
 * offset  bytes
 *      0      1  format version, {@value #FORMAT}
 *      1      1  codec: 0 the page's bytes as they are, 1 a page of zeros, no bytes
 *      2      4  CRC-32C of the page's bytes, big-endian
 *      6      4  page size in bytes, big-endian
 *     10      …  payload
 * </pre>
 */
public final class Envelope {
    public static final int HEAD_BYTES = 10;

    private static final byte FORMAT = 1;
    private static final byte CODEC_RAW = 0;
    private static final byte CODEC_ZERO = 1;

    private final PageContents contents = new PageContents();

    /** The length of a page's envelope. */
    public static int sizeOf(PageWrites.Put put) {
        return put.isZero()
                ? HEAD_BYTES
                : HEAD_BYTES + Math.toIntExact(put.page().byteSize());
    }

    /** Puts a page's envelope into a big-endian buffer. */
    public static void seal(PageWrites.Put put, ByteBuffer target) {
        int size = Math.toIntExact(put.page().byteSize());
        target.put(FORMAT)
                .put(put.isZero() ? CODEC_ZERO : CODEC_RAW)
                .putInt(put.crc32c())
                .putInt(size);
        if (!put.isZero()) {
            MemorySegment.ofBuffer(target).asSlice(0, size).copyFrom(put.page());
            target.position(target.position() + size);
        }
    }

    /** Takes the page out of its envelope, the rest of a big-endian buffer, and sets the result of read {@code i}. */
    public void open(ByteBuffer value, PageReads reads, int i) {
        MemorySegment page = reads.page(i);
        if (value.remaining() < HEAD_BYTES || value.get() != FORMAT) {
            reads.setResult(i, LoadResult.CORRUPT, 0);
            return;
        }
        byte codec = value.get();
        int crc32c = value.getInt();
        boolean sizeIsRight = value.getInt() == page.byteSize();
        if (sizeIsRight && codec == CODEC_ZERO && !value.hasRemaining()) {
            openZero(reads, i, crc32c);
        } else if (sizeIsRight && codec == CODEC_RAW && value.remaining() == page.byteSize()) {
            page.copyFrom(MemorySegment.ofBuffer(value));
            boolean same = contents.crc32c(page) == crc32c;
            reads.setResult(i, same ? LoadResult.DATA : LoadResult.CORRUPT, crc32c);
        } else {
            reads.setResult(i, LoadResult.CORRUPT, 0);
        }
    }

    private void openZero(PageReads reads, int i, int crc32c) {
        MemorySegment page = reads.page(i).fill((byte) 0);
        boolean same = contents.crc32c(page) == crc32c;
        reads.setResult(i, same ? LoadResult.ZERO : LoadResult.CORRUPT, crc32c);
    }
}
