// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A line of a text, as bytes in somebody's buffer, and a place in it from which values are taken. A value that is not
 * there leaves the place where it is. Any byte is a character (ISO 8859-1): a thread may bear any name. Not thread-safe.
 */
final class Line {
    private static final byte[] NIBBLES = nibbles();
    private static final int RADIX = 10;
    private static final int NIBBLE_BITS = 4;
    private static final int TOP_NIBBLE_SHIFT = Long.SIZE - NIBBLE_BITS;

    private byte[] bytes = new byte[0];
    private int start;
    private int end;
    private int at;
    private long value;

    /** Makes this the line between two places of a buffer, without its line end. */
    Line set(byte[] newBytes, int newStart, int newEnd) {
        bytes = newBytes;
        start = newStart;
        end = newEnd;
        at = newStart;
        return this;
    }

    /** The line of a text, for tests and for a file's beginning. */
    static Line of(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        return new Line().set(bytes, 0, bytes.length);
    }

    byte[] bytes() {
        return bytes;
    }

    int start() {
        return start;
    }

    int end() {
        return end;
    }

    int at() {
        return at;
    }

    /** Goes to a place between start and end. */
    void moveTo(int place) {
        at = place;
    }

    /** Whether nothing but blanks follows. */
    boolean isAtEnd() {
        skipBlanks();
        return at == end;
    }

    /** Passes over blanks, if there are any; always true. */
    boolean skipBlanks() {
        while (at < end && isBlank(bytes[at])) {
            at++;
        }
        return true;
    }

    /** Whether the line goes on with this character, which is then behind. */
    boolean take(char character) {
        if (at < end && bytes[at] == character) {
            at++;
            return true;
        }
        return false;
    }

    /** Whether the line goes on with these characters, which are then behind. */
    boolean take(byte[] literal) {
        int after = at + literal.length;
        if (after <= end && Arrays.equals(bytes, at, after, literal, 0, literal.length)) {
            at = after;
            return true;
        }
        return false;
    }

    /** Whether a hexadecimal number of at most 64 bits follows, with or without 0x; {@link #value} then has it. */
    boolean takeHex() {
        int i = at;
        if (i + 1 < end && bytes[i] == '0' && (bytes[i + 1] | ' ') == 'x') {
            i += 2;
        }
        int first = i;
        long number = 0;
        int nibble;
        while (i < end && (nibble = NIBBLES[bytes[i] & 0xFF]) >= 0) {
            if (number >>> TOP_NIBBLE_SHIFT != 0) {
                return false;
            }
            number = number << NIBBLE_BITS | nibble;
            i++;
        }
        if (i == first) {
            return false;
        }
        at = i;
        value = number;
        return true;
    }

    /** Whether a decimal number of at most 63 bits follows; {@link #value} then has it. */
    boolean takeDecimal() {
        int i = at;
        long number = 0;
        int digit;
        while (i < end && (digit = bytes[i] - '0') >= 0 && digit < RADIX) {
            if (number > (Long.MAX_VALUE - digit) / RADIX) {
                return false;
            }
            number = number * RADIX + digit;
            i++;
        }
        if (i == at) {
            return false;
        }
        at = i;
        value = number;
        return true;
    }

    /** Whether a number follows as C writes one, hexadecimal with 0x and else decimal; {@link #value} then has it. */
    boolean takeNumber() {
        boolean isHex = at + 1 < end && bytes[at] == '0' && (bytes[at + 1] | ' ') == 'x';
        return isHex ? takeHex() : takeDecimal();
    }

    /**
     * Whether a decimal number with or without a fraction follows; {@link #value} then has it times a unit, a power of
     * ten, and what the unit cannot tell of the fraction is dropped.
     */
    boolean takeTimes(long unit) {
        int before = at;
        if (!takeDecimal() || (unit > 1 && value >= Long.MAX_VALUE / unit)) {
            at = before;
            return false;
        }
        long number = value * unit;
        if (take('.')) {
            long place = unit / RADIX;
            int digit;
            while (at < end && (digit = bytes[at] - '0') >= 0 && digit < RADIX) {
                number += digit * place;
                place /= RADIX;
                at++;
            }
        }
        value = number;
        return true;
    }

    /** The number that was taken last, 64 bits without sign. */
    long value() {
        return value;
    }

    /** The whole line. */
    String text() {
        return new String(bytes, start, end - start, StandardCharsets.ISO_8859_1);
    }

    static boolean isBlank(byte character) {
        return character == ' ' || character == '\t';
    }

    private static byte[] nibbles() {
        byte[] nibbles = new byte[256];
        Arrays.fill(nibbles, (byte) -1);
        for (int nibble = 0; nibble < 16; nibble++) {
            nibbles[Character.forDigit(nibble, 16)] = (byte) nibble;
            nibbles[Character.toUpperCase(Character.forDigit(nibble, 16))] = (byte) nibble;
        }
        return nibbles;
    }
}
