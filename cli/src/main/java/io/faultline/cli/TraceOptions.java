// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import io.faultline.standalone.StandaloneSettings.Traces;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** The options for traces of a system that a command starts, as a picocli mixin. One use. */
final class TraceOptions {
    @ArgGroup(exclusive = false)
    private @Nullable Chosen chosen;

    /** Which faults are traced; null when no option says so. */
    @Nullable
    Traces traces() {
        return chosen == null ? null : new Traces(chosen.endpoint, chosen.oneIn);
    }

    /** The two options, which only make sense together. */
    private static final class Chosen {
        @Option(
                names = "--trace-one-in",
                paramLabel = "N",
                required = true,
                description = "Trace one fault in so many (default: VCPU_TRACE_ONE_IN, else none)")
        private int oneIn;

        @Option(
                names = "--otlp-endpoint",
                paramLabel = "URL",
                required = true,
                description = "Send traces to this collector, as OTLP over HTTP: http://HOST:4318"
                        + " (default: OTEL_EXPORTER_OTLP_ENDPOINT, else nowhere)")
        private String endpoint = "";
    }
}
