// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.grafana;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** Puts values in the place of a dashboard's variables, as Grafana does when a person has chosen nothing. */
final class Variables {
    private static final Pattern REFERENCE = Pattern.compile("\\$\\{?(\\w+)}?");

    private final Map<String, String> values = new HashMap<>();

    /**
     * The variables of a dashboard.
     *
     * @param scrapeIntervalS the data source's interval in seconds, of which {@code $__rate_interval} is four
     */
    Variables(Dashboard dashboard, int scrapeIntervalS) {
        values.put("__rate_interval", 4 * scrapeIntervalS + "s");
        for (JsonNode variable : dashboard.variables()) {
            String chosen = variable.path("current").path("value").asString("");
            String value = chosen.equals("$__all") ? variable.path("allValue").asString("") : chosen;
            values.put(variable.path("name").asString(""), value);
        }
    }

    /** The text with values. */
    String substitute(String text) {
        return REFERENCE.matcher(text).replaceAll(reference -> {
            String value = values.get(reference.group(1));
            if (value == null) {
                throw new IllegalArgumentException(
                        "variable: " + reference.group(1) + " (expected: one of " + values.keySet() + ")");
            }
            return Matcher.quoteReplacement(value);
        });
    }
}
