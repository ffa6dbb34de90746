// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

/** What the commands say to the person who runs them: results to standard output, progress to standard error. */
final class Terminal {
    private Terminal() {}

    /** A line about what is going on. */
    @SuppressWarnings("SystemOut")
    static void say(String line) {
        System.err.println(line);
    }
}
