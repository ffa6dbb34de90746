// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

/** What becomes of malformed lines: the first is an error, or all are counted and passed over. Not thread-safe. */
final class BadLines {
    private static final int EXCERPT_CHARACTERS = 120;
    private static final char PRINTABLE_FIRST = ' ';
    private static final char PRINTABLE_LAST = '~';

    private final boolean areSkipped;
    private long count;

    BadLines(boolean areSkipped) {
        this.areSkipped = areSkipped;
    }

    /** How many were passed over. */
    long count() {
        return count;
    }

    /** A malformed line. */
    void add(long lineNumber, Line line, String expected) throws TraceFormatException {
        count++;
        if (!areSkipped) {
            throw new TraceFormatException(
                    ", line " + lineNumber + ": \"" + excerpt(line) + "\" (expected: " + expected + ")");
        }
    }

    /** A line's beginning, fit to print. */
    static String excerpt(Line line) {
        StringBuilder excerpt = new StringBuilder();
        String text = line.text();
        for (int i = 0; i < Math.min(text.length(), EXCERPT_CHARACTERS); i++) {
            char character = text.charAt(i);
            excerpt.append(character >= PRINTABLE_FIRST && character <= PRINTABLE_LAST ? character : '?');
        }
        return text.length() <= EXCERPT_CHARACTERS
                ? excerpt.toString()
                : excerpt.append('…').toString();
    }
}
