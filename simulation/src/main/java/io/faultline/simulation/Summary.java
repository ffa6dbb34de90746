// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import io.faultline.simulation.check.Tally;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * What came of some runs, for a person and for a program.
 *
 * @param firstSeed the first run's seed
 * @param seeds how many runs there were
 * @param steps steps of all of them
 * @param virtualNs virtual time of all of them, in nanoseconds
 * @param elapsedNs how long they took, in nanoseconds
 * @param digest what stands for every word of all their journals
 * @param tally what happened how often
 * @param broken the run in which an invariant did not hold, or null
 */
record Summary(
        long firstSeed,
        long seeds,
        long steps,
        long virtualNs,
        long elapsedNs,
        long digest,
        Tally tally,
        @Nullable RunResult broken) {
    private static final double NS_PER_S = 1e9;

    /** Several lines, each ended. */
    String table() {
        StringBuilder table = new StringBuilder();
        for (var group : tally.all().entrySet()) {
            table.append(group.getKey()).append('\n');
            for (var name : group.getValue().entrySet()) {
                table.append(String.format("  %-34s %,14d%n", name.getKey(), name.getValue()));
            }
        }
        double seconds = elapsedNs / NS_PER_S;
        table.append(String.format(
                "%n%,d %s from %d, %,d steps, %,.1f s of virtual time in %.1f s: %,.0f seeds/s, %,.0f steps/s%n",
                seeds,
                seeds == 1 ? "seed" : "seeds",
                firstSeed,
                steps,
                virtualNs / NS_PER_S,
                seconds,
                seeds / seconds,
                steps / seconds));
        table.append("digest ").append(digestText()).append('\n');
        if (broken == null) {
            table.append("every invariant held\n");
        }
        return table.toString();
    }

    void writeJson(Path file) throws IOException {
        JsonObject json = new JsonObject();
        json.addProperty("firstSeed", firstSeed);
        json.addProperty("seeds", seeds);
        json.addProperty("steps", steps);
        json.addProperty("virtualNs", virtualNs);
        json.addProperty("elapsedNs", elapsedNs);
        json.addProperty("digest", digestText());
        json.addProperty("held", broken == null);
        if (broken != null) {
            json.addProperty("brokenSeed", broken.seed());
            json.addProperty(
                    "brokenInvariant",
                    broken.broken() == null ? "" : broken.broken().name());
            json.addProperty("failure", broken.failure());
        }
        JsonObject happened = new JsonObject();
        for (var group : tally.all().entrySet()) {
            JsonObject names = new JsonObject();
            SortedMap<String, Long> counts = group.getValue();
            counts.forEach(names::addProperty);
            happened.add(group.getKey(), names);
        }
        json.add("happened", happened);
        Files.writeString(file, new GsonBuilder().setPrettyPrinting().create().toJson(json) + "\n");
    }

    private String digestText() {
        return String.format("%016x", digest);
    }
}
