// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says in a sentence that a service's port is taken, in place of a stack trace. */
final class PortInUseAnalyzer extends AbstractFailureAnalyzer<IOException> {
    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, IOException cause) {
        String message = cause.getMessage();
        if (message == null || !message.startsWith("Failed to bind to address")) {
            return null;
        }
        return new FailureAnalysis(
                "The gRPC server cannot listen: " + message + ".",
                "End the process that listens there, or choose another port with --spring.grpc.server.port=PORT.",
                cause);
    }
}
