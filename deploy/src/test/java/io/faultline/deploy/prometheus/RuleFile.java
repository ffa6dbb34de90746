// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.prometheus;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A file of Prometheus' rules.
 *
 * @param groups its groups
 */
record RuleFile(@JsonProperty(required = true) List<Group> groups) {

    /**
     * Rules that are evaluated one after the other.
     *
     * @param name its name
     * @param interval how often, if not as often as the configuration says
     * @param rules the rules
     */
    record Group(
            @JsonProperty(required = true) String name,
            @Nullable String interval,
            @JsonProperty(required = true) List<Rule> rules) {}

    /**
     * A rule: an alert, or a series that is recorded.
     *
     * @param alert the alert's name
     * @param record the series' name
     * @param expr the expression
     * @param duration how long the expression has to hold before the alert fires, {@code for}
     * @param keepFiringFor how long the alert goes on after it held
     * @param labels labels it adds
     * @param annotations what people are told
     */
    record Rule(
            @Nullable String alert,
            @Nullable String record,
            @JsonProperty(required = true) String expr,
            @JsonProperty("for") @Nullable String duration,
            @JsonProperty("keep_firing_for") @Nullable String keepFiringFor,
            @Nullable Map<String, String> labels,
            @Nullable Map<String, String> annotations) {}
}
