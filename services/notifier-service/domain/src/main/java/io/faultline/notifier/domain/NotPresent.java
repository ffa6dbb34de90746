// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import io.faultline.model.Token;

/**
 * The "page not present" that was published and that the guest was not told of yet: the kernel's {@code
 * notpresent_pending} and {@code notpresent_token}. Pending from publication until delivered or cancelled. Owned by the
 * vCPU's thread.
 */
final class NotPresent {
    private boolean pending;
    private int token;
    private long cause;

    /** Remembers a publication and the fault plane's audit step that caused it. */
    void publish(int token, long cause) {
        pending = true;
        this.token = token;
        this.cause = cause;
    }

    void clear() {
        pending = false;
        token = Token.NONE;
        cause = 0;
    }

    boolean isPending() {
        return pending;
    }

    boolean isPendingFor(int token) {
        return pending && this.token == token;
    }

    int token() {
        return token;
    }

    long cause() {
        return cause;
    }
}
