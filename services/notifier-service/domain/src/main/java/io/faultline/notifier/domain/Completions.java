// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import io.faultline.model.AsyncPf;

/**
 * The kernel's {@code done}: tokens whose page is mapped and whose page-ready is not published yet, in the order in which
 * they completed. Bounded: every work of a vCPU and the one wake-all that may come before them. Owned by the vCPU's
 * thread.
 */
final class Completions {
    static final int CAPACITY = AsyncPf.WORKS_PER_VCPU + 1;

    private final int[] tokens = new int[CAPACITY];
    private final long[] causes = new long[CAPACITY];
    private int head;
    private int size;

    /** Appends a token and the fault plane's audit step that caused its completion. */
    void add(int token, long cause) {
        if (size == CAPACITY) {
            throw new IllegalStateException("completions: " + size + " (expected: < " + CAPACITY + ")");
        }
        int tail = (head + size) % CAPACITY;
        tokens[tail] = token;
        causes[tail] = cause;
        size++;
    }

    /** Drops the head; {@link #headToken} and {@link #headCause} are of the next one then. */
    void removeHead() {
        if (size == 0) {
            throw new IllegalStateException("completions: 0 (expected: > 0)");
        }
        head = (head + 1) % CAPACITY;
        size--;
    }

    /** The token that completed first; meaningless while empty. */
    int headToken() {
        return tokens[head];
    }

    /** The cause of the token that completed first; meaningless while empty. */
    long headCause() {
        return causes[head];
    }

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    void clear() {
        head = 0;
        size = 0;
    }
}
