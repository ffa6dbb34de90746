// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a file through a buffer that stays as large as it is, as lines of bounded length or as records; a file
 * that is no text at all costs no memory. Not thread-safe.
 */
final class TraceBytes {
    /** The longest line that is kept; ftrace's are about 130 characters. */
    static final int LINE_BYTES_MAX = 4_096;

    /** How many bytes may be asked for at once. */
    static final int RECORD_BYTES_MAX = 1 << 18;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long LOW_BITS = 0x0101_0101_0101_0101L;
    private static final long HIGH_BITS = 0x8080_8080_8080_8080L;
    private static final long NEWLINES = '\n' * LOW_BITS;

    private final InputStream in;
    private final byte[] buffer = new byte[RECORD_BYTES_MAX + Long.BYTES];
    private final byte[] longLine = new byte[LINE_BYTES_MAX];
    private int position;
    private int limit;
    private boolean hasEnded;
    private @Nullable IOException failure;

    TraceBytes(InputStream in) {
        this.in = in;
    }

    /** The buffer, in which {@link #available} bytes begin at {@link #position}; valid until the next call. */
    byte[] buffer() {
        return buffer;
    }

    int position() {
        return position;
    }

    int available() {
        return limit - position;
    }

    /** What reading on will fail with, as a look ahead found; null for nothing that is known. */
    @Nullable
    IOException failure() {
        return failure;
    }

    /** Sees to it that so many bytes are in the buffer, at most {@link #RECORD_BYTES_MAX}; false at an end before. */
    boolean require(int bytes) throws IOException {
        while (available() < bytes && fill()) {}
        return available() >= bytes;
    }

    /** Passes over bytes that are in the buffer. */
    void skip(int bytes) {
        position += bytes;
    }

    /**
     * The next line; false at the end. What a line has beyond {@link #LINE_BYTES_MAX} is dropped, so such a line fails
     * to parse at its own number.
     */
    boolean nextLine(Line line) throws IOException {
        int newline = newline(position);
        while (newline < 0) {
            int searched = available();
            if (searched >= LINE_BYTES_MAX) {
                return longLine(line);
            }
            if (!fill()) {
                return lastLine(line);
            }
            newline = newline(position + searched);
        }
        int start = position;
        position = newline + 1;
        line.set(buffer, start, withoutReturn(start, Math.min(newline, start + LINE_BYTES_MAX)));
        return true;
    }

    private boolean lastLine(Line line) {
        if (position == limit) {
            return false;
        }
        line.set(buffer, position, withoutReturn(position, limit));
        position = limit;
        return true;
    }

    private boolean longLine(Line line) throws IOException {
        System.arraycopy(buffer, position, longLine, 0, LINE_BYTES_MAX);
        int newline;
        while ((newline = newline(position)) < 0) {
            position = limit;
            if (!fill()) {
                break;
            }
        }
        if (newline >= 0) {
            position = newline + 1;
        }
        line.set(longLine, 0, LINE_BYTES_MAX);
        return true;
    }

    private int withoutReturn(int start, int end) {
        return end > start && buffer[end - 1] == '\r' ? end - 1 : end;
    }

    /** The place of the first line end from a place on, or -1: eight bytes at a time, the lowest zero byte after XOR. */
    private int newline(int from) {
        int i = from;
        for (; i + Long.BYTES <= limit; i += Long.BYTES) {
            long word = (long) LONG.get(buffer, i) ^ NEWLINES;
            long zeros = (word - LOW_BITS) & ~word & HIGH_BITS;
            if (zeros != 0) {
                return i + (Long.numberOfTrailingZeros(zeros) >>> 3);
            }
        }
        for (; i < limit; i++) {
            if (buffer[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    /** Reads on behind what is in the buffer; false at the end, or when the buffer is full. */
    private boolean fill() throws IOException {
        if (failure != null) {
            throw failure;
        }
        if (hasEnded) {
            return false;
        }
        if (position > 0) {
            System.arraycopy(buffer, position, buffer, 0, available());
            limit -= position;
            position = 0;
        }
        if (limit == RECORD_BYTES_MAX) {
            return false;
        }
        int read = in.read(buffer, limit, RECORD_BYTES_MAX - limit);
        hasEnded = read <= 0;
        limit += Math.max(0, read);
        return read > 0;
    }

    /** A copy of the next bytes, at most so many; they stay to be read. A failure waits until they have been. */
    byte[] peek(int bytesMax) {
        try {
            require(bytesMax);
        } catch (IOException e) {
            failure = e;
        }
        return Arrays.copyOfRange(buffer, position, position + Math.min(bytesMax, available()));
    }
}
