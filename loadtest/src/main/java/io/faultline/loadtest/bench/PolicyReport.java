// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.bench;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.Map;

/** Policies' misses, for a person and for a program. */
final class PolicyReport {
    private static final Gson GSON = new GsonBuilder().setPrettyPrinting().create();
    private static final double PERCENT = 100;

    private PolicyReport() {}

    /** A table, lines ended. */
    static String table(Path trace, PolicyMisses counted) {
        StringBuilder text = new StringBuilder("%s: %,d references to %,d pages, of which %,d fit%n%n"
                .formatted(trace.getFileName(), counted.references(), counted.distinct(), counted.capacity()));
        text.append("%-12s %10s %10s %14s%n".formatted("policy", "misses", "missed", "above demand"));
        int demand = counted.misses().getOrDefault("min_demand", 0);
        for (Map.Entry<String, Integer> policy : counted.misses().entrySet()) {
            int misses = policy.getValue();
            text.append("%-12s %,10d %9.1f%% %+13.1f%%%n"
                    .formatted(
                            policy.getKey(),
                            misses,
                            PERCENT * misses / counted.references(),
                            PERCENT * (misses - demand) / Math.max(1, demand)));
        }
        return text.toString();
    }

    /** A JSON object. */
    static String json(Path trace, PolicyMisses counted) {
        JsonObject json = new JsonObject();
        json.addProperty("trace", trace.toString());
        json.addProperty("capacity", counted.capacity());
        json.addProperty("references", counted.references());
        json.addProperty("distinct", counted.distinct());
        json.add("misses", GSON.toJsonTree(counted.misses()));
        return GSON.toJson(json);
    }
}
