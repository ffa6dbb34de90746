// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import org.jspecify.annotations.Nullable;

/** A file of Kafka's client settings cannot be used; the message is a sentence for a person. */
public final class KafkaClientFileException extends IllegalArgumentException {
    KafkaClientFileException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
