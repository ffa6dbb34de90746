// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import org.jspecify.annotations.Nullable;

/** A recording cannot be used; the message names the file, the place in it, and what was expected there. */
public final class TraceException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** An error for a person to read; {@code cause} is null when the file's own text is to blame. */
    public TraceException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
