// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.broker;

import org.jspecify.annotations.Nullable;

/** The broker could not start; the message is a sentence for a person. */
public final class BrokerException extends RuntimeException {
    BrokerException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
