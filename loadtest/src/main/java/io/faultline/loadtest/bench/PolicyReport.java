// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.bench;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import io.faultline.loadtest.replay.ReplaySettings;
import io.faultline.loadtest.trace.Recording;
import io.faultline.loadtest.trace.TraceException;
import java.nio.file.Path;
import java.util.Map;

/** Policies' misses, for a person and for a program. */
public final class PolicyReport {
    private static final Gson GSON = new GsonBuilder().setPrettyPrinting().create();
    private static final double PERCENT = 100;
    private static final int MEMSLOTS_MAX = 512;

    private PolicyReport() {}

    /**
     * Counts over the recording of a replay, in a tier that holds as many pages as its guest; a JSON object.
     *
     * @throws TraceException when the recording cannot be used
     */
    public static JsonObject of(ReplaySettings settings) {
        Recording recording = Recording.load(
                settings.trace(),
                new Recording.Options(
                        settings.vm().pageSize(), MEMSLOTS_MAX, settings.faultsMax(), settings.skipsBadLines()));
        int capacity = (int) Math.min(settings.vm().residentPagesMax(), Integer.MAX_VALUE);
        return object(settings.trace(), PolicyMisses.count(References.of(recording), capacity));
    }

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
        return GSON.toJson(object(trace, counted));
    }

    private static JsonObject object(Path trace, PolicyMisses counted) {
        JsonObject json = new JsonObject();
        json.addProperty("trace", trace.toString());
        json.addProperty("capacity", counted.capacity());
        json.addProperty("references", counted.references());
        json.addProperty("distinct", counted.distinct());
        json.add("misses", GSON.toJsonTree(counted.misses()));
        return json;
    }
}
