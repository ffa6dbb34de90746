// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.grafana;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What dashboards have in common, {@code deploy/grafana/source/shared/shared.yml}.
 *
 * @param palettes colours by palette and series, so that an outcome or a tier has one colour everywhere
 * @param variables what can be chosen at the top of a dashboard, by name
 */
record Shared(
        @JsonProperty(required = true) Map<String, Map<String, String>> palettes,
        @JsonProperty(required = true) Map<String, Variable> variables) {

    /**
     * A variable.
     *
     * @param label what people see
     * @param description what choosing does
     * @param labelValues a query of label values, such as {@code label_values(up, job)}; several may be chosen
     * @param intervals in place of a query: durations, of which one is chosen, at first the first
     */
    record Variable(
            @JsonProperty(required = true) String label,
            @JsonProperty(required = true) String description,
            @Nullable String labelValues,
            @Nullable List<String> intervals) {}
}
