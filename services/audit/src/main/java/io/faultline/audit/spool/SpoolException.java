// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit.spool;

import org.jspecify.annotations.Nullable;

/** A spool's directory cannot be used; the message is a sentence for a person. */
public final class SpoolException extends RuntimeException {
    /** One with that sentence. */
    public SpoolException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
