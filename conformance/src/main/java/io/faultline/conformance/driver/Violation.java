// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.conformance.driver;

/** A case did not hold: what the protocol says should have come, and what came. */
public final class Violation extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String expected;
    private final String came;

    /** A difference, in words for the report. */
    public Violation(String expected, String came) {
        super("expected " + expected + ", came " + came);
        this.expected = onOneLine(expected);
        this.came = onOneLine(came);
    }

    private static String onOneLine(String words) {
        return words.strip().replaceAll("\\s+", " ");
    }

    /** What should have come. */
    public String expected() {
        return expected;
    }

    /** What came. */
    public String came() {
        return came;
    }
}
