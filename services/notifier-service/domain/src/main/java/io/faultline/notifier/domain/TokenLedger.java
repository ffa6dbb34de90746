// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import io.faultline.model.AsyncPf;
import io.faultline.model.Token;

/**
 * The tokens of one vCPU since it was armed: which are outstanding, which of those are completed, and which ended lately,
 * so that a completion that comes twice is told from one that was never due. Owned by the vCPU's thread.
 */
final class TokenLedger {
    /*
     * At most 64 tokens are outstanding, so a scan of one small array beats hashing. Ended tokens are remembered in a ring
     * of the same size: a repeated completion older than the last 64 endings reads as unknown, which has no effect either.
     */
    private static final int CAPACITY = AsyncPf.WORKS_PER_VCPU;

    private final int[] outstanding = new int[CAPACITY];
    private final boolean[] completed = new boolean[CAPACITY];
    private final int[] ended = new int[CAPACITY];
    private int size;
    private int endings;

    /** What a completion means for its token. */
    enum Completion {
        /** The token was outstanding and is completed now. */
        COMPLETED,
        /** The token was completed before. */
        ALREADY,
        /** The token is not known. */
        UNKNOWN
    }

    /** Adds a token that is not outstanding, while the ledger is not full. */
    void open(int token) {
        if (isFull() || isOutstanding(token)) {
            throw new IllegalStateException(
                    "token: " + Token.format(token) + " (expected: not outstanding, and fewer than " + CAPACITY + ")");
        }
        outstanding[size] = token;
        completed[size] = false;
        size++;
    }

    /** Marks a token as completed. */
    Completion complete(int token) {
        int index = indexOf(token);
        if (index < 0) {
            return endedLately(token) ? Completion.ALREADY : Completion.UNKNOWN;
        }
        if (completed[index]) {
            return Completion.ALREADY;
        }
        completed[index] = true;
        return Completion.COMPLETED;
    }

    /** Ends an outstanding token: it was cancelled, or its page-ready is published. */
    void end(int token) {
        int index = indexOf(token);
        if (index < 0) {
            throw new IllegalStateException("token: " + Token.format(token) + " (expected: outstanding)");
        }
        size--;
        outstanding[index] = outstanding[size];
        completed[index] = completed[size];
        ended[endings++ % CAPACITY] = token;
        if (endings == 2 * CAPACITY) {
            endings = CAPACITY;
        }
    }

    boolean isOutstanding(int token) {
        return indexOf(token) >= 0;
    }

    boolean isFull() {
        return size == CAPACITY;
    }

    int size() {
        return size;
    }

    void clear() {
        size = 0;
        endings = 0;
    }

    private boolean endedLately(int token) {
        int known = Math.min(endings, CAPACITY);
        for (int i = 0; i < known; i++) {
            if (ended[i] == token) {
                return true;
            }
        }
        return false;
    }

    private int indexOf(int token) {
        for (int i = 0; i < size; i++) {
            if (outstanding[i] == token) {
                return i;
            }
        }
        return -1;
    }
}
