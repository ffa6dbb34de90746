// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Makes a start with an unusable file of Kafka's client settings end with a sentence instead of a stack trace. */
final class KafkaClientFileAnalyzer extends AbstractFailureAnalyzer<KafkaClientFileException> {
    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, KafkaClientFileException cause) {
        return new FailureAnalysis(
                cause.getMessage(),
                "Name a file that says how the broker is to be spoken to with faultline.audit.kafka-client-file, or none: then"
                        + " it is plain text.",
                cause);
    }
}
