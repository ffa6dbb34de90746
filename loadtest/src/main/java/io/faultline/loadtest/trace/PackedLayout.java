// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/*
 * A file is a header and blocks, all little endian.
 *
 *   header   magic (8 bytes), version u16, flags u16 (bit 0: has times, bit 1: addresses are guest-physical),
 *            CRC-32C u32 of the 12 bytes before
 *   block    kind u32, payload bytes u32, CRC-32C u32 of kind, payload bytes and payload, payload
 *
 *   threads  count u32, then for each: id u32, length of the name u8, the name. Threads are numbered from 0 through the
 *            whole file; a thread that changed its name has another number.
 *   faults   count u32 (1 to 4096), four bases u64, four widths u8 (0 to 8), four columns: time in ns, address, thread
 *            number, kind (the access's wire code, plus four times the privilege's). A value is its column's base
 *            plus an offset, which has so many bytes; a column of width 0 has one value for all and takes no room.
 *   end      the number of faults u64. A file without it was cut off; nothing follows it.
 *
 * Offsets of fixed width rather than variable-length numbers, since decoding one is a load and a mask, without a branch
 * that depends on the data. A block is 4096 faults, so that a width fits what happens close together, and a damaged
 * block is named by its number.
 */
/** The layout of Faultline's own binary recordings, version 1; docs/traces.md describes it. */
final class PackedLayout {
    static final byte[] MAGIC = {(byte) 0x89, 'F', 'L', 'T', '\r', '\n', 0x1A, '\n'};
    static final int VERSION = 1;
    static final int HEADER_BYTES = 16;
    static final int VERSION_OFFSET = 8;
    static final int FLAGS_OFFSET = 10;
    static final int HEADER_CHECKSUM_OFFSET = 12;
    static final int FLAG_TIMES = 1;
    static final int FLAG_GUEST_PHYSICAL = 1 << 1;

    static final int BLOCK_HEADER_BYTES = 12;
    static final int LENGTH_OFFSET = 4;
    static final int CHECKSUM_OFFSET = 8;
    static final int THREADS = 1;
    static final int FAULTS = 2;
    static final int END = 3;

    static final int BLOCK_FAULTS_MAX = 4_096;
    static final int COLUMNS = 4;
    static final int TIME = 0;
    static final int ADDRESS = 1;
    static final int THREAD = 2;
    static final int KIND = 3;
    static final int BASES_OFFSET = Integer.BYTES;
    static final int WIDTHS_OFFSET = BASES_OFFSET + COLUMNS * Long.BYTES;
    static final int COLUMNS_OFFSET = WIDTHS_OFFSET + COLUMNS;
    static final int PRIVILEGE_SHIFT = 2;
    static final int ACCESS_MASK = (1 << PRIVILEGE_SHIFT) - 1;
    static final int END_BYTES = Long.BYTES;

    static final int NAME_BYTES_MAX = 255;
    static final int THREADS_MAX = 1 << 20;

    /** The longest payload: a block of faults whose columns all take eight bytes. */
    static final int PAYLOAD_BYTES_MAX = COLUMNS_OFFSET + BLOCK_FAULTS_MAX * COLUMNS * Long.BYTES;

    static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private PackedLayout() {}

    /** The checksum of the header that begins at a place. */
    static int headerChecksum(byte[] bytes, int at) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes, at, HEADER_CHECKSUM_OFFSET);
        return (int) checksum.getValue();
    }

    /** The checksum of the block that begins at a place. */
    static int blockChecksum(byte[] bytes, int at, int payloadBytes) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes, at, CHECKSUM_OFFSET);
        checksum.update(bytes, at + BLOCK_HEADER_BYTES, payloadBytes);
        return (int) checksum.getValue();
    }

    /** The mask of an offset of so many bytes, 0 to 8. */
    static long mask(int width) {
        return width == 0 ? 0 : -1L >>> (Long.SIZE - width * Byte.SIZE);
    }
}
