// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.faultline.audit.verify.AuditReport;
import io.faultline.soak.course.CourseJson;
import io.faultline.soak.strike.StrikeKind;
import io.faultline.soak.strike.StrikeRecord;
import java.util.Locale;

/** A soak as one JSON object; its keys are part of the command's contract. Stateless. */
public final class SoakJson {
    private static final Gson GSON =
            new GsonBuilder().setPrettyPrinting().serializeNulls().create();
    private static final double ROUNDING = 1_000;

    private SoakJson() {}

    /** The object, with line breaks. */
    public static String of(SoakResult result) {
        JsonObject json = new JsonObject();
        json.addProperty("seed", result.settings().seed());
        json.addProperty("chaos", result.settings().isChaos());
        json.addProperty("elapsed_s", rounded(result.elapsedS()));
        SoakCounts counts = result.counts();
        json.addProperty("vms", counts.vms());
        json.addProperty("faults", counts.faults());
        json.addProperty("tokens_issued", counts.tokens());
        json.addProperty("faults_retried", counts.faultsRetried());
        json.addProperty("integrity_checks", counts.loadsChecked());
        json.addProperty("integrity_mismatches", counts.loadsWrong());
        json.addProperty("pages_written_out", counts.pagesWrittenOut());
        json.addProperty("pages_from_store", counts.pagesFromStore());
        JsonObject readBack = new JsonObject();
        readBack.addProperty("pages", counts.readBack().pages());
        readBack.addProperty("wrong", counts.readBack().wrong());
        readBack.addProperty("lost", counts.readBack().lost());
        readBack.addProperty("retries", counts.readBack().retries());
        json.add("read_back", readBack);
        json.addProperty("fetches", result.meters().fetches());
        json.addProperty("requests_given_up", result.meters().requestsGivenUp());
        json.addProperty("slowest_fault_s", rounded(counts.slowestFaultS()));
        json.addProperty("longest_standstill_s", rounded(result.longestStandstillS()));
        json.add("strikes", strikes(result));
        json.add("course", CourseJson.of(result.course()));
        json.add("audit", audit(result.audit()));
        json.add("broken_invariants", GSON.toJsonTree(result.broken()));
        return GSON.toJson(json);
    }

    private static JsonObject strikes(SoakResult result) {
        JsonObject json = new JsonObject();
        for (StrikeKind kind : StrikeKind.values()) {
            StrikeSummary summary = StrikeSummary.of(kind, result.strikes());
            JsonObject of = new JsonObject();
            of.addProperty("survived", summary.count());
            of.addProperty("outage_s_max", rounded(summary.outageSMax()));
            of.addProperty("recovery_s_max", rounded(summary.recoverySMax()));
            json.add(key(kind), of);
        }
        JsonArray inOrder = new JsonArray();
        for (StrikeRecord strike : result.strikes()) {
            JsonObject of = new JsonObject();
            of.addProperty("kind", key(strike.kind()));
            of.addProperty("target", strike.target());
            of.addProperty("outage_s", rounded(strike.outageS()));
            of.addProperty("recovery_s", rounded(strike.recoveryS()));
            inOrder.add(of);
        }
        json.add("in_order", inOrder);
        return json;
    }

    private static JsonObject audit(AuditReport audit) {
        JsonObject json = new JsonObject();
        json.addProperty("steps", audit.steps());
        json.addProperty("records", audit.records());
        json.addProperty("gaps", audit.gaps());
        json.addProperty("violations", audit.violations());
        return json;
    }

    private static String key(StrikeKind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    private static double rounded(double value) {
        return Math.round(value * ROUNDING) / ROUNDING;
    }
}
