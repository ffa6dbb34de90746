// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc.page;

import java.nio.ByteBuffer;

/**
 * Reads the fields of one descriptor where they lie. It knows what senders of this release write, and is not
 * {@linkplain #isUsual usual} as soon as it meets anything else: another wire type, a number cut off or too long. Owned by the
 * thread that parses.
 */
final class UsualFields {
    private static final int VARINT_BITS = 7;
    private static final int VARINT_BYTES_MAX = 10;
    private static final int LOW_BITS = 0x7F;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private ByteBuffer bytes = NOTHING;
    private int at;
    private int end;
    private boolean usual;

    /** Whether a field with this tag, whose length takes one byte, lies whole from {@code start} on; its fields are next. */
    boolean enter(ByteBuffer piece, int start, int tag) {
        if (piece.limit() - start < 2 || piece.get(start) != tag) {
            return false;
        }
        int length = piece.get(start + 1);
        if (length < 0 || length > piece.limit() - start - 2) {
            return false;
        }
        bytes = piece;
        at = start + 2;
        end = at + length;
        usual = true;
        return true;
    }

    /** Where the fields end. */
    int end() {
        return end;
    }

    /** Whether all that was read was as expected. */
    boolean isUsual() {
        return usual;
    }

    /** The next field's tag, of one byte; 0 at the end, or when something is unusual. */
    int tag() {
        if (!usual || at == end) {
            return 0;
        }
        int tag = bytes.get(at++);
        // A tag of more bytes is negative here: nobody knows it.
        usual = tag > 0;
        return usual ? tag : 0;
    }

    /** A varint. */
    long varint() {
        long value = 0;
        for (int i = 0; i < VARINT_BYTES_MAX && at < end; i++) {
            byte next = bytes.get(at++);
            value |= (long) (next & LOW_BITS) << (i * VARINT_BITS);
            if (next >= 0) {
                return value;
            }
        }
        usual = false;
        return 0;
    }

    /** A varint's lower 32 bits: a number or an enum's. */
    int int32() {
        return (int) varint();
    }

    /** Four bytes, little-endian. */
    int fixed32() {
        if (end - at < Integer.BYTES) {
            usual = false;
            return 0;
        }
        int value = 0;
        for (int i = Integer.BYTES - 1; i >= 0; i--) {
            value = (value << Byte.SIZE) | Byte.toUnsignedInt(bytes.get(at + i));
        }
        at += Integer.BYTES;
        return value;
    }

    /** Something came that nobody expected here. */
    void unusual() {
        usual = false;
    }
}
