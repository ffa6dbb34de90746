// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.report;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import io.faultline.loadtest.replay.ReplaySettings;
import java.time.temporal.ChronoUnit;

/** Where a run comes from: command, time, settings and versions. */
final class OriginJson {
    private static final Gson GSON = new Gson();

    private OriginJson() {}

    static JsonObject of(RunReport.Origin origin) {
        JsonObject json = new JsonObject();
        json.addProperty("command", origin.command());
        json.addProperty(
                "began_at", origin.beganAt().truncatedTo(ChronoUnit.SECONDS).toString());
        json.add("settings", settings(origin));
        json.add("versions", Versions.json());
        return json;
    }

    private static JsonObject settings(RunReport.Origin origin) {
        ReplaySettings settings = origin.settings();
        JsonObject json = new JsonObject();
        json.addProperty("trace", settings.trace().toString());
        json.addProperty("vm_id", settings.vm().id());
        json.addProperty("vcpus", settings.vm().vcpus());
        json.addProperty("tasks", settings.guest().tasks());
        json.addProperty("resident_pages_max", settings.vm().residentPagesMax());
        json.addProperty("page_size_bytes", settings.vm().pageSize().bytes());
        json.addProperty("async", settings.guest().usesAsyncFaults());
        json.addProperty("populate", settings.guest().isPopulated());
        if (settings.vm().prefetchPagesMax() != null) {
            json.addProperty("prefetch_pages_max", settings.vm().prefetchPagesMax());
        }
        if (settings.faultsPerSMax() > 0) {
            json.addProperty("faults_per_s_max", settings.faultsPerSMax());
        }
        json.addProperty("seed", settings.seed());
        origin.platform().forEach((name, value) -> json.add(name, GSON.toJsonTree(value)));
        return json;
    }
}
