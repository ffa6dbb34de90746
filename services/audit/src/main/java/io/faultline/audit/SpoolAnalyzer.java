// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import io.faultline.audit.spool.SpoolException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Makes a start without a usable spool end with a sentence instead of a stack trace. */
final class SpoolAnalyzer extends AbstractFailureAnalyzer<SpoolException> {
    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, SpoolException cause) {
        return new FailureAnalysis(
                cause.getMessage(),
                "Give each service a directory of its own that it may write to with faultline.audit.spool-directory, or"
                        + " none: then steps wait in memory while the broker is away.",
                cause);
    }
}
