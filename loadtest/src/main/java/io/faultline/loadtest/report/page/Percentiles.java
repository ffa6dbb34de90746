// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.report.page;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;

/** Reads the percentiles of a latency's JSON object. */
final class Percentiles {
    private Percentiles() {}

    /** The time within which so many of 100 ended, in microseconds; one of the percentiles that the object tells. */
    static double us(JsonObject latency, double percentile) {
        for (JsonElement pair : latency.getAsJsonArray("percentiles_us")) {
            JsonArray values = pair.getAsJsonArray();
            if (values.get(0).getAsDouble() == percentile) {
                return values.get(1).getAsDouble();
            }
        }
        throw new IllegalArgumentException("percentile: " + percentile + " (expected: one that is told)");
    }
}
