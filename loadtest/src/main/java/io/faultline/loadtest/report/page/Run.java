// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.report.page;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * A run as its JSON object tells it, with a name for what is needed of it.
 *
 * @param json the object that {@code demo --json} or {@code replay --json} writes
 */
record Run(JsonObject json) {
    long count(String key) {
        return json.get(key).getAsLong();
    }

    double number(String key) {
        return json.get(key).getAsDouble();
    }

    long outcome(String kind) {
        return json.getAsJsonObject("outcomes").get(kind).getAsLong();
    }

    /** Faults whose vCPU ran on. */
    long asynchronous() {
        return outcome("resolved_ready") + outcome("resolved_cancelled") + outcome("resolved_dropped");
    }

    long tier(String tier) {
        return json.getAsJsonObject("tiers").get(tier).getAsLong();
    }

    List<String> brokenInvariants() {
        return strings("broken_invariants");
    }

    List<String> strings(String key) {
        List<String> strings = new ArrayList<>();
        json.getAsJsonArray(key).forEach(string -> strings.add(string.getAsString()));
        return strings;
    }

    /** An object that may be null, such as the audit's. */
    @Nullable
    JsonObject optional(String key) {
        JsonElement value = json.get(key);
        return value == null || value.isJsonNull() ? null : value.getAsJsonObject();
    }

    JsonObject history() {
        return json.getAsJsonObject("history");
    }

    JsonObject origin() {
        return json.getAsJsonObject("run");
    }

    JsonObject settings() {
        return origin().getAsJsonObject("settings");
    }

    long setting(String key) {
        return settings().get(key).getAsLong();
    }

    /** The recording's file name. */
    String traceName() {
        Path name = Path.of(settings().get("trace").getAsString()).getFileName();
        return name == null ? "?" : name.toString();
    }

    /** Seconds that tasks spent in a state, all together. */
    double secondsIn(String state) {
        return history().getAsJsonObject("tasks_s").get(state).getAsDouble();
    }

    /** Seconds that vCPUs stood still, all together. */
    double standingS() {
        return secondsIn("asking") + secondsIn("mapping") + secondsIn("standing_still");
    }

    /** Latencies by outcome and source, as {@code history.latencies} has them. */
    List<JsonObject> latencies() {
        return StreamSupport.stream(history().getAsJsonArray("latencies").spliterator(), false)
                .map(JsonElement::getAsJsonObject)
                .toList();
    }
}
