// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.conformance.driver;

import io.faultline.model.Token;

/** What a case holds to be so. Stateless. */
public final class Check {
    private Check() {}

    /** A number is what it should be. */
    public static void equal(String what, long expected, long came) {
        if (expected != came) {
            throw new Violation(what + ": " + expected, Long.toString(came));
        }
    }

    /** Two values are the same. */
    public static void equal(String what, Object expected, Object came) {
        if (!expected.equals(came)) {
            throw new Violation(what + ": " + expected, came.toString());
        }
    }

    /** A token is what it should be. */
    public static void token(String what, int expected, int came) {
        if (expected != came) {
            throw new Violation(what + ": " + Token.format(expected), Token.format(came));
        }
    }

    /** Something holds; else {@code came} says what is so instead. */
    public static void that(String expected, boolean holds, Object came) {
        if (!holds) {
            throw new Violation(expected, String.valueOf(came));
        }
    }
}
