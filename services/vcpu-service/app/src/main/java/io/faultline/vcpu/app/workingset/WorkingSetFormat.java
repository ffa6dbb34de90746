// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.workingset;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** A working set as bytes, and back. Stateless. */
/*
 * Big-endian: the magic "FLWS", a version byte 1, the page size's shift in a byte, the number of pages in four bytes; then
 * each page's gfn as its difference to the one before (to 0, the first), zigzag-coded, seven bits a byte, the lowest first,
 * the highest bit set but in the last; then the CRC-32C of all before. Neighbours take a byte.
 */
final class WorkingSetFormat {
    private static final int MAGIC = 0x464C_5753;
    private static final byte VERSION = 1;
    private static final int HEADER_BYTES = Integer.BYTES + 2 + Integer.BYTES;
    private static final int VARINT_BYTES_MAX = 10;
    private static final int GROUP_BITS = 7;
    private static final int GROUP_MASK = (1 << GROUP_BITS) - 1;
    private static final int MORE = 1 << GROUP_BITS;

    private WorkingSetFormat() {}

    static byte[] encode(int pageShift, long[] gfns) {
        ByteBuffer bytes = ByteBuffer.allocate(HEADER_BYTES + VARINT_BYTES_MAX * gfns.length + Integer.BYTES);
        bytes.putInt(MAGIC).put(VERSION).put((byte) pageShift).putInt(gfns.length);
        long before = 0;
        for (long gfn : gfns) {
            putVarint(bytes, zigzag(gfn - before));
            before = gfn;
        }
        bytes.putInt(crc32c(bytes.array(), bytes.position()));
        byte[] whole = new byte[bytes.position()];
        bytes.flip().get(whole);
        return whole;
    }

    /**
     * The gfns.
     *
     * @throws IOException for bytes that are no working set of pages of this size, or of too many
     */
    static long[] decode(byte[] whole, int pageShift, int pagesMax) throws IOException {
        int body = whole.length - Integer.BYTES;
        if (body < HEADER_BYTES || ByteBuffer.wrap(whole).getInt(body) != crc32c(whole, body)) {
            throw new IOException(whole.length + " bytes that do not match their checksum");
        }
        ByteBuffer bytes = ByteBuffer.wrap(whole, 0, body);
        require("magic", bytes.getInt(), MAGIC);
        require("version", bytes.get(), VERSION);
        require("page shift", bytes.get(), pageShift);
        int pages = bytes.getInt();
        if (pages < 0 || pages > pagesMax) {
            throw new IOException("pages: " + pages + " (expected: 0 to " + pagesMax + ")");
        }
        long[] gfns = new long[pages];
        long gfn = 0;
        try {
            for (int i = 0; i < pages; i++) {
                gfn += unzigzag(varint(bytes));
                gfns[i] = gfn;
            }
        } catch (BufferUnderflowException e) {
            throw new IOException("pages: fewer than " + pages, e);
        }
        require("bytes behind the last page", bytes.remaining(), 0);
        return gfns;
    }

    private static void require(String name, int value, int expected) throws IOException {
        if (value != expected) {
            throw new IOException(name + ": " + value + " (expected: " + expected + ")");
        }
    }

    private static void putVarint(ByteBuffer bytes, long value) {
        long left = value;
        while ((left & ~(long) GROUP_MASK) != 0) {
            bytes.put((byte) ((left & GROUP_MASK) | MORE));
            left >>>= GROUP_BITS;
        }
        bytes.put((byte) left);
    }

    private static long varint(ByteBuffer bytes) throws IOException {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += GROUP_BITS) {
            byte group = bytes.get();
            value |= (long) (group & GROUP_MASK) << shift;
            if ((group & MORE) == 0) {
                return value;
            }
        }
        throw new IOException("a number of more than " + VARINT_BYTES_MAX + " bytes");
    }

    private static long zigzag(long value) {
        return (value << 1) ^ (value >> (Long.SIZE - 1));
    }

    private static long unzigzag(long value) {
        return (value >>> 1) ^ -(value & 1);
    }

    private static int crc32c(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}
