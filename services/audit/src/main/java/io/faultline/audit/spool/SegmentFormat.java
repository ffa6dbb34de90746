// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit.spool;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** How a segment's bytes are laid out; everything big-endian. */
final class SegmentFormat {
    /*
     * header: magic 8, version 4, source length 4, first sequence 8, incarnation 8, source, CRC-32C 4
     * entry:  payload length 4, CRC-32C 4, payload: sequence 8, number 8, vm 8, first step's time 8, steps 4, value
     *
     * An entry's checksum covers its length and its payload, the header's all that comes before it. The incarnation and
     * the source stand in the header, because a segment is written by one life of one service.
     */
    private static final long MAGIC = 0x464C_5453_504F_4F4CL; // FLTSPOOL
    private static final int VERSION = 1;
    private static final int CHECKSUM_BYTES = Integer.BYTES;
    private static final int SOURCE_BYTES_MAX = 1_024;
    private static final int HEAD_FIXED_BYTES = 4 * Long.BYTES;
    /** The longest header. */
    static final int HEAD_BYTES_MAX = HEAD_FIXED_BYTES + SOURCE_BYTES_MAX + CHECKSUM_BYTES;
    /** What stands before an entry's payload. */
    static final int PREFIX_BYTES = Integer.BYTES + CHECKSUM_BYTES;

    private static final int PAYLOAD_FIXED_BYTES = 4 * Long.BYTES + Integer.BYTES;
    /** The longest payload: many times what a block can be. */
    static final int PAYLOAD_BYTES_MAX = 1 << 20;

    private SegmentFormat() {}

    /** What a header says: whose entries follow, and the place of the first. */
    record Head(Life life, long firstSequence) {}

    static int headBytes(Head said) {
        return HEAD_FIXED_BYTES + said.life().source().getBytes(StandardCharsets.UTF_8).length + CHECKSUM_BYTES;
    }

    static ByteBuffer head(Head said) {
        byte[] name = said.life().source().getBytes(StandardCharsets.UTF_8);
        if (name.length > SOURCE_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "source: " + name.length + " bytes (expected: at most " + SOURCE_BYTES_MAX + ")");
        }
        ByteBuffer head = ByteBuffer.allocate(HEAD_FIXED_BYTES + name.length + CHECKSUM_BYTES)
                .putLong(MAGIC)
                .putInt(VERSION)
                .putInt(name.length)
                .putLong(said.firstSequence())
                .putLong(said.life().incarnation())
                .put(name);
        head.putInt(checksum(head, 0, head.position()));
        return head.flip();
    }

    /** What the header at the beginning of these bytes says; null if none is there. */
    static @Nullable Head readHead(ByteBuffer bytes) {
        if (bytes.remaining() < HEAD_FIXED_BYTES + CHECKSUM_BYTES
                || bytes.getLong(0) != MAGIC
                || bytes.getInt(Long.BYTES) != VERSION) {
            return null;
        }
        int length = bytes.getInt(Long.BYTES + Integer.BYTES);
        if (length < 0 || length > bytes.remaining() - HEAD_FIXED_BYTES - CHECKSUM_BYTES) {
            return null;
        }
        int checksumAt = HEAD_FIXED_BYTES + length;
        if (bytes.getInt(checksumAt) != checksum(bytes, 0, checksumAt)) {
            return null;
        }
        byte[] name = new byte[length];
        bytes.get(HEAD_FIXED_BYTES, name);
        return new Head(
                new Life(new String(name, StandardCharsets.UTF_8), bytes.getLong(3 * Long.BYTES)),
                bytes.getLong(2 * Long.BYTES));
    }

    static int entryBytes(Block block) {
        return PREFIX_BYTES + PAYLOAD_FIXED_BYTES + block.value().length;
    }

    static ByteBuffer entry(long sequence, Block block) {
        int length = PAYLOAD_FIXED_BYTES + block.value().length;
        if (length > PAYLOAD_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "block: " + length + " bytes (expected: at most " + PAYLOAD_BYTES_MAX + ")");
        }
        ByteBuffer entry = ByteBuffer.allocate(PREFIX_BYTES + length)
                .putInt(length)
                .putInt(0)
                .putLong(sequence)
                .putLong(block.number())
                .putLong(block.vmId())
                .putLong(block.firstUs())
                .putInt(block.steps())
                .put(block.value());
        entry.putInt(Integer.BYTES, entryChecksum(length, entry.array(), PREFIX_BYTES));
        return entry.flip();
    }

    /** Whether a payload can be so long. */
    static boolean isLength(int length) {
        return length >= PAYLOAD_FIXED_BYTES && length <= PAYLOAD_BYTES_MAX;
    }

    /** The entry with this payload; null if the checksum is another. */
    static @Nullable SpoolEntry readPayload(Head head, int checksum, byte[] payload) {
        if (entryChecksum(payload.length, payload, 0) != checksum) {
            return null;
        }
        ByteBuffer bytes = ByteBuffer.wrap(payload);
        long sequence = bytes.getLong();
        long number = bytes.getLong();
        long vmId = bytes.getLong();
        long firstUs = bytes.getLong();
        int steps = bytes.getInt();
        byte[] value = new byte[bytes.remaining()];
        bytes.get(value);
        return new SpoolEntry(sequence, new Block(head.life(), number, vmId, firstUs, steps, value));
    }

    private static int entryChecksum(int length, byte[] bytes, int payloadAt) {
        CRC32C crc = new CRC32C();
        for (int shift = Integer.SIZE - Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
            crc.update(length >>> shift);
        }
        crc.update(bytes, payloadAt, length);
        return (int) crc.getValue();
    }

    private static int checksum(ByteBuffer bytes, int from, int to) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate().clear().position(from).limit(to));
        return (int) crc.getValue();
    }
}
