// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store;

import io.faultline.pager.app.memory.PageContents;
import io.faultline.pager.domain.LoadResult;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * Keeps a page as it is, behind 10 bytes that say how to read the rest. A value that changed by accident is detected; one
 * that was made to deceive, or belongs to another page, is not: that takes a key.
 *
 * <pre>
 * offset  bytes
 *      0      1  format, {@value #FORMAT}
 *      1      1  codec: 0 the page's bytes as they are, 1 a page of zeros, no bytes
 *      2      4  CRC-32C of the page's bytes, big-endian
 *      6      4  page size in bytes, big-endian
 *     10      …  payload
 * </pre>
 */
public final class PlainEnvelope implements Envelope {
    /** The format's number. */
    public static final byte FORMAT = 1;

    private static final int HEAD_BYTES = 10;
    private static final byte CODEC_RAW = 0;
    private static final byte CODEC_ZERO = 1;

    @Override
    public int sizeOf(PageWrites.Put put) {
        return put.isZero() ? HEAD_BYTES : sizeMax(put.page().byteSize());
    }

    @Override
    public int sizeMax(long pageBytes) {
        return HEAD_BYTES + Math.toIntExact(pageBytes);
    }

    @Override
    public void wrap(PageWrites.Put put, ByteBuffer target) {
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

    @Override
    public void unwrap(ByteBuffer value, PageReads reads, int i) {
        MemorySegment page = reads.page(i);
        if (value.remaining() < HEAD_BYTES || value.get() != FORMAT) {
            reads.setResult(i, LoadResult.CORRUPT, 0);
            return;
        }
        byte codec = value.get();
        int crc32c = value.getInt();
        boolean sizeIsRight = value.getInt() == page.byteSize();
        if (sizeIsRight && codec == CODEC_ZERO && !value.hasRemaining()) {
            page.fill((byte) 0);
            setResult(reads, i, LoadResult.ZERO, crc32c);
        } else if (sizeIsRight && codec == CODEC_RAW && value.remaining() == page.byteSize()) {
            page.copyFrom(MemorySegment.ofBuffer(value));
            setResult(reads, i, LoadResult.DATA, crc32c);
        } else {
            reads.setResult(i, LoadResult.CORRUPT, 0);
        }
    }

    private static void setResult(PageReads reads, int i, LoadResult result, int crc32c) {
        boolean same = new PageContents().crc32c(reads.page(i)) == crc32c;
        reads.setResult(i, same ? result : LoadResult.CORRUPT, crc32c);
    }
}
