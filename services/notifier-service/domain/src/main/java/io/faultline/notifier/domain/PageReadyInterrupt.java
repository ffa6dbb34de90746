// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import io.faultline.model.Token;

/**
 * The level of the private interrupt that says "page ready": high from a page-ready until the guest acknowledges it, so the
 * level is the kernel's {@code pageready_pending}. Remembers whose page-ready that is. Owned by the vCPU's thread.
 */
final class PageReadyInterrupt {
    private boolean high;
    private int token;
    private long step;

    /** Raises the level for a token whose page-ready is the given step of the vCPU's audit chain. */
    void raise(int token, long step) {
        high = true;
        this.token = token;
        this.step = step;
    }

    void lower() {
        high = false;
        token = Token.NONE;
        step = 0;
    }

    boolean isHigh() {
        return high;
    }

    int token() {
        return token;
    }

    long step() {
        return step;
    }
}
