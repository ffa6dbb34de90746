// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store;

import org.jspecify.annotations.Nullable;

/** A swap store cannot be opened, or cannot do what it was asked for; the message says why. */
public final class SwapStoreException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** A failure with its cause, if another failure is. */
    public SwapStoreException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
