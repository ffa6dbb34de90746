// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.report.page;

import com.google.gson.JsonObject;
import java.util.List;
import java.util.function.Predicate;

/** The table of latencies. */
final class Latencies {
    static final List<String> HEADS = List.of("Outcome, page from", "Faults", "p50", "p99", "p99.9", "Longest");

    private Latencies() {}

    /** A row for each of the latencies that are asked for. */
    static List<List<String>> rows(List<JsonObject> latencies, Predicate<JsonObject> isAskedFor) {
        return latencies.stream().filter(isAskedFor).map(Latencies::row).toList();
    }

    private static List<String> row(JsonObject latency) {
        String outcome = Figures.words(latency.get("outcome").getAsString());
        String source = latency.get("source").getAsString();
        return List.of(
                source.equals("all") ? outcome : outcome + ", " + source.replace('_', ' '),
                Figures.count(latency.get("count").getAsLong()),
                us(latency, 50),
                us(latency, 99),
                us(latency, 99.9),
                us(latency, 100));
    }

    private static String us(JsonObject latency, double percentile) {
        return Figures.duration(Percentiles.us(latency, percentile));
    }
}
