// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store;

/** A swap store cannot be opened; the message says which and why. */
public final class SwapStoreException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** A failure with its cause. */
    public SwapStoreException(String message, Throwable cause) {
        super(message, cause);
    }
}
