// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Makes threads' names strings, once as long as a thread keeps its name: what is remembered is bounded, and two threads
 * that share a place make each other's name anew. Not thread-safe.
 */
final class ThreadNames {
    private static final int PLACES = 1 << 10;

    private final String[] names = new String[PLACES];
    private final byte[][] bytesOfNames = new byte[PLACES][0];

    ThreadNames() {
        Arrays.fill(names, "");
    }

    /** The name that stands between two places of a buffer. */
    String name(int threadId, byte[] buffer, int start, int end) {
        int place = threadId & (PLACES - 1);
        byte[] known = bytesOfNames[place];
        if (!Arrays.equals(known, 0, known.length, buffer, start, end)) {
            bytesOfNames[place] = Arrays.copyOfRange(buffer, start, end);
            names[place] = new String(buffer, start, end - start, StandardCharsets.ISO_8859_1);
        }
        return names[place];
    }
}
