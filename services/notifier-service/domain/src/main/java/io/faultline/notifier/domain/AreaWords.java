// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

/** Which words of the shared area are meant. */
public enum AreaWords {
    /** The token, then the reason: what a well-behaved guest clears. */
    BOTH,
    /** The token only. */
    TOKEN,
    /** The reason only. */
    REASON;

    boolean includesToken() {
        return this != REASON;
    }

    boolean includesReason() {
        return this != TOKEN;
    }
}
