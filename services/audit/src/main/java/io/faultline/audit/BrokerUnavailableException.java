// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import org.jspecify.annotations.Nullable;

/** No Kafka broker answers where one was expected, or it refuses; the message is a sentence for a person. */
public final class BrokerUnavailableException extends RuntimeException {
    /** One with that sentence. */
    public BrokerUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
