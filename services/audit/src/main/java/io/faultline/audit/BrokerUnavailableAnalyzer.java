// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Makes a start without a broker end with a sentence instead of a stack trace. */
final class BrokerUnavailableAnalyzer extends AbstractFailureAnalyzer<BrokerUnavailableException> {
    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, BrokerUnavailableException cause) {
        return new FailureAnalysis(
                cause.getMessage(),
                "Start a broker there, name another with faultline.audit.bootstrap-servers, or run without an audit"
                        + " trail with faultline.audit.enabled=false.",
                cause);
    }
}
