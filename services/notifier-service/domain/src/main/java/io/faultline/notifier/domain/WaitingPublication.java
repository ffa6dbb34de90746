// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import io.faultline.model.Token;

/**
 * The publication of one vCPU whose answer waits for the guest to acknowledge a page-ready. Nothing of it is to be seen
 * elsewhere: the area, the event and the token are untouched. At most one, since the vCPU stands still for it. Owned by the
 * vCPU's thread.
 */
final class WaitingPublication {
    private int token = Token.NONE;
    private long cause;

    /** Remembers a publication and the fault plane's audit step that caused it. */
    void begin(int newToken, long newCause) {
        token = newToken;
        cause = newCause;
    }

    void clear() {
        token = Token.NONE;
        cause = 0;
    }

    boolean isThere() {
        return token != Token.NONE;
    }

    boolean isOf(int someToken) {
        return isThere() && token == someToken;
    }

    int token() {
        return token;
    }

    long cause() {
        return cause;
    }
}
