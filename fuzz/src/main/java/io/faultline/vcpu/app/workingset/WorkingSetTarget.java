// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.workingset;

import io.faultline.fuzz.FuzzTarget;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/** A working set's file: refused as an IOException, or what is written again from it is read as the same. */
public final class WorkingSetTarget implements FuzzTarget {
    private static final int SHIFT = 12;
    private static final int PAGES_MAX = 65_536;

    @Override
    public void read(byte[] bytes) throws IOException {
        decode(bytes);
        decode(withChecksum(bytes));
    }

    private static void decode(byte[] bytes) throws IOException {
        long[] gfns;
        try {
            gfns = WorkingSetFormat.decode(bytes, SHIFT, PAGES_MAX);
        } catch (IOException refused) {
            return;
        }
        if (!Arrays.equals(gfns, WorkingSetFormat.decode(WorkingSetFormat.encode(SHIFT, gfns), SHIFT, PAGES_MAX))) {
            throw new IllegalStateException(gfns.length + " gfns that are others when they are written and read again");
        }
    }

    /** The input with the checksum that belongs to it, so that what is behind it is looked at. */
    private static byte[] withChecksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return ByteBuffer.allocate(bytes.length + Integer.BYTES)
                .put(bytes)
                .putInt((int) crc.getValue())
                .array();
    }

    @Override
    public List<byte[]> seeds() {
        byte[] whole = WorkingSetFormat.encode(SHIFT, new long[] {0x4_2000, 0x4_2001, 7, Long.MAX_VALUE});
        return List.of(whole, Arrays.copyOf(whole, whole.length - Integer.BYTES));
    }
}
