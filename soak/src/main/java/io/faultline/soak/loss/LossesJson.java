// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.loss;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.faultline.audit.verify.AuditReport;
import java.util.List;

/** Losses as one JSON object; its keys are part of the command's contract. Stateless. */
public final class LossesJson {
    private static final Gson GSON =
            new GsonBuilder().setPrettyPrinting().serializeNulls().create();
    private static final double ROUNDING = 1_000;

    private LossesJson() {}

    /** The object, with line breaks. */
    public static String of(List<LossResult> results) {
        JsonArray losses = new JsonArray();
        results.forEach(result -> losses.add(json(result)));
        JsonObject json = new JsonObject();
        json.add("losses", losses);
        return GSON.toJson(json);
    }

    private static JsonObject json(LossResult result) {
        JsonObject json = new JsonObject();
        json.addProperty("name", result.name());
        json.addProperty("what", result.words());
        json.addProperty("skipped", result.skipped());
        json.addProperty("held", result.hasHeld());
        LossResult.Figures figures = result.figures();
        if (figures != null) {
            json.addProperty("faults", figures.faults());
            json.addProperty("in_flight", figures.inFlight());
            json.addProperty("faults_told", figures.told());
            json.addProperty("away_s", rounded(figures.awayS()));
            json.addProperty("last_resolved_after_loss_s", rounded(figures.lastAfterLossS()));
            json.addProperty("last_resolved_after_return_s", rounded(figures.lastAfterReturnS()));
            json.addProperty("longest_vcpu_standstill_s", rounded(figures.standstillS()));
            json.addProperty("wake_alls", figures.wakeAlls());
            json.addProperty("pages_read_back", figures.readBackPages());
        }
        AuditReport audit = result.audit();
        if (audit != null) {
            JsonObject of = new JsonObject();
            of.addProperty("steps", audit.steps());
            of.addProperty("replayed_records", audit.replayedRecords());
            of.addProperty("open_chains", audit.openChains());
            of.addProperty("gaps", audit.gaps());
            of.addProperty("missing_steps", audit.lost().missing());
            of.addProperty("dropped_steps", audit.lost().dropped());
            of.addProperty("violations", audit.violations());
            json.add("audit", of);
        }
        json.add("broken", GSON.toJsonTree(result.broken()));
        return json;
    }

    private static double rounded(double value) {
        return Math.round(value * ROUNDING) / ROUNDING;
    }
}
