// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Splits a stream of bytes into lines of bounded length, so that a file that is no text at all costs no memory. Any
 * byte is a character (ISO 8859-1): a thread may bear any name. Not thread-safe.
 */
final class LineReader {
    /** The longest line that is kept; ftrace's are about 130 characters. */
    static final int LINE_CHARACTERS_MAX = 4_096;

    private static final int BUFFER_BYTES = 1 << 16;

    private final InputStream in;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private final byte[] line = new byte[LINE_CHARACTERS_MAX];
    private int position;
    private int limit;
    private long linesRead;

    LineReader(InputStream in) {
        this.in = in;
    }

    /** How many whole lines were returned. */
    long linesRead() {
        return linesRead;
    }

    /**
     * The next line without its line end; null at the end. What a line has beyond {@link #LINE_CHARACTERS_MAX} is
     * dropped, so such a line fails to parse at its own number.
     */
    @Nullable
    String next() throws IOException {
        int length = 0;
        boolean any = false;
        while (fill()) {
            byte next = buffer[position++];
            any = true;
            if (next == '\n') {
                return line(length);
            }
            if (length < LINE_CHARACTERS_MAX) {
                line[length++] = next;
            }
        }
        return any ? line(length) : null;
    }

    private boolean fill() throws IOException {
        if (position < limit) {
            return true;
        }
        position = 0;
        limit = Math.max(0, in.read(buffer, 0, BUFFER_BYTES));
        return limit > 0;
    }

    private String line(int length) {
        linesRead++;
        int end = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
        return new String(line, 0, end, StandardCharsets.ISO_8859_1);
    }
}
