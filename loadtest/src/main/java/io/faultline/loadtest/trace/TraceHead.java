// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import java.util.Arrays;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The first bytes of a file, from which its format is told. Immutable. */
final class TraceHead {
    /** How many bytes are looked at. */
    static final int BYTES_MAX = 1 << 16;

    private final byte[] bytes;

    TraceHead(byte[] bytes) {
        this.bytes = bytes;
    }

    int length() {
        return bytes.length;
    }

    byte[] bytes() {
        return bytes;
    }

    /** Whether the file begins with these bytes. */
    boolean startsWith(byte[] magic) {
        return bytes.length >= magic.length && Arrays.equals(bytes, 0, magic.length, magic, 0, magic.length);
    }

    /** Whether there is no byte of value 0, which a text never has. */
    boolean isText() {
        for (byte next : bytes) {
            if (next == 0) {
                return false;
            }
        }
        return true;
    }

    /** Whether any line, the last one perhaps not whole, is as asked. */
    boolean anyLine(Predicate<Line> asked) {
        return firstLine(asked) != null;
    }

    /** The first line that is as asked; null when none is. */
    @Nullable
    Line firstLine(Predicate<Line> asked) {
        int start = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                Line line = new Line().set(bytes, start, i > start && bytes[i - 1] == '\r' ? i - 1 : i);
                if (asked.test(line)) {
                    return line;
                }
                start = i + 1;
            }
        }
        Line last = new Line().set(bytes, start, bytes.length);
        return start < bytes.length && asked.test(last) ? last : null;
    }
}
