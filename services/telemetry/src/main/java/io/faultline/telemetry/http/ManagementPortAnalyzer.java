// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.telemetry.http;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says in a sentence that the management port is taken, in place of a stack trace. */
final class ManagementPortAnalyzer extends AbstractFailureAnalyzer<ManagementPortException> {
    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, ManagementPortException cause) {
        return new FailureAnalysis(
                "The management server cannot listen: " + cause.getMessage() + ".",
                "End the process that listens there, or choose another port with --faultline.management.port=PORT"
                        + " (-1 for none).",
                cause);
    }
}
