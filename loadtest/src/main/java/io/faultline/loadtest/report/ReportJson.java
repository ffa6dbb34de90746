// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.report;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.faultline.audit.verify.AuditReport;
import io.faultline.loadtest.replay.Latency;
import io.faultline.loadtest.replay.ReplayResult;
import io.faultline.loadtest.replay.TerminalKind;
import io.faultline.loadtest.report.history.HistoryJson;
import io.faultline.model.PageSource;
import io.faultline.model.Tier;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A replay as one JSON object; its keys are part of the command's contract. Every terminal outcome and every tier has its
 * key even when it counts nothing; of the reasons for standing still only those that occurred are named. Stateless.
 */
public final class ReportJson {
    private static final Gson GSON = new Gson();
    private static final double ROUNDING = 1_000;

    private ReportJson() {}

    /** The object with line breaks, and what the run noted of itself. */
    public static String of(RunReport report) {
        return JsonText.of(object(report));
    }

    /** The object, with what the run noted of itself. */
    static JsonObject object(RunReport report) {
        JsonObject json = object(report.result(), report.audit());
        json.add("run", OriginJson.of(report.origin()));
        json.add("history", HistoryJson.of(report.recorder()));
        return json;
    }

    /** Several VMs' replays at once, by VM id: each as {@link #of(RunReport)} has it, and all together. */
    public static String of(Map<Long, ReplayResult> results, @Nullable AuditReport audit) {
        JsonArray vms = new JsonArray();
        results.forEach((vmId, result) -> {
            JsonObject vm = new JsonObject();
            vm.addProperty("vm_id", vmId);
            object(result, null).asMap().forEach(vm::add);
            vm.remove("audit");
            vms.add(vm);
        });
        FleetTotals totals = FleetTotals.of(results.values());
        JsonObject json = new JsonObject();
        json.addProperty("faults", totals.faults());
        json.addProperty("tokens_issued", totals.tokensIssued());
        json.addProperty("integrity_checks", totals.integrityChecks());
        json.addProperty("integrity_mismatches", totals.integrityMismatches());
        json.addProperty("faults_per_s", rounded(totals.faultsPerS()));
        json.add("audit", audit(audit));
        json.add("broken_invariants", GSON.toJsonTree(totals.broken(results, audit)));
        json.add("vms", vms);
        return JsonText.of(json);
    }

    /** The object of a result alone; {@code audit} is null when the trail was not verified. */
    static JsonObject object(ReplayResult result, @Nullable AuditReport audit) {
        JsonObject json = new JsonObject();
        json.addProperty("faults", result.faults());
        json.addProperty("faults_retried", result.faultsRetried());
        json.add("outcomes", outcomes(result));
        json.add("sync_reasons", syncReasons(result));
        json.addProperty("tokens_issued", result.tokensIssued());
        json.addProperty("not_present_delivered", result.notifications().notPresent());
        json.addProperty("page_ready_delivered", result.notifications().pageReady());
        json.addProperty("cancelled", result.count(TerminalKind.RESOLVED_CANCELLED));
        json.addProperty("wake_all", result.notifications().wakeAll());
        json.addProperty("integrity_checks", result.integrity().checks());
        json.addProperty("integrity_checks_swap_store", result.integrity().checksOfSwapStore());
        json.addProperty("integrity_mismatches", result.integrity().mismatches());
        json.add("read_back", readBack(result.readBack()));
        json.addProperty("pages_written_out", result.pagesWrittenOut());
        json.add("tiers", tiers(result));
        json.add("audit", audit(audit));
        JsonObject latency = new JsonObject();
        latency.add("sync", latency(result.syncLatency()));
        latency.add("async", latency(result.asyncLatency()));
        json.add("latency_us", latency);
        json.add("open_loop", openLoop(result.openLoop()));
        json.addProperty("populate_s", rounded(result.populateS()));
        json.addProperty("elapsed_s", rounded(result.elapsedS()));
        json.addProperty("faults_per_s", rounded(result.faultsPerS()));
        json.addProperty("bad_lines", result.badLines());
        json.add("broken_invariants", GSON.toJsonTree(broken(result, audit)));
        json.add("notes", GSON.toJsonTree(result.notes()));
        return json;
    }

    /** What did not hold, the trail's findings included. */
    static List<String> broken(ReplayResult result, @Nullable AuditReport audit) {
        if (audit == null || audit.holds()) {
            return result.brokenInvariants();
        }
        List<String> broken = new ArrayList<>(result.brokenInvariants());
        broken.add("the audit trail has " + audit.gaps() + " gaps and " + audit.violations() + " violations");
        return broken;
    }

    private static JsonObject outcomes(ReplayResult result) {
        JsonObject json = new JsonObject();
        for (TerminalKind kind : TerminalKind.values()) {
            json.addProperty(key(kind), result.count(kind));
        }
        return json;
    }

    private static JsonObject syncReasons(ReplayResult result) {
        JsonObject json = new JsonObject();
        new TreeMap<>(result.syncReasons()).forEach((reason, count) -> json.addProperty(key(reason), count));
        return json;
    }

    private static JsonObject tiers(ReplayResult result) {
        Map<Tier, PageSource> sources = new TreeMap<>(Map.of(
                Tier.DRAM, PageSource.DRAM,
                Tier.COMPRESSED, PageSource.COMPRESSED,
                Tier.SWAP_STORE, PageSource.SWAP_STORE));
        JsonObject json = new JsonObject();
        sources.forEach(
                (tier, source) -> json.addProperty(key(tier), result.sources().getOrDefault(source, 0L)));
        return json;
    }

    private static JsonElement readBack(ReplayResult.@Nullable ReadBack readBack) {
        if (readBack == null) {
            return JsonNull.INSTANCE;
        }
        JsonObject json = new JsonObject();
        json.addProperty("pages", readBack.pages());
        json.addProperty("wrong", readBack.wrong());
        json.addProperty("lost", readBack.lost());
        json.addProperty("retries", readBack.retries());
        return json;
    }

    private static JsonElement openLoop(ReplayResult.@Nullable OpenLoop openLoop) {
        if (openLoop == null) {
            return JsonNull.INSTANCE;
        }
        JsonObject json = new JsonObject();
        json.addProperty("wanted_per_s", rounded(openLoop.wantedPerS()));
        json.add("late_us", latency(openLoop.late()));
        json.add("since_due_us", latency(openLoop.sinceDue()));
        return json;
    }

    private static JsonElement audit(@Nullable AuditReport audit) {
        if (audit == null) {
            return JsonNull.INSTANCE;
        }
        JsonObject json = new JsonObject();
        json.addProperty("steps", audit.steps());
        json.addProperty("records", audit.records());
        json.addProperty("gaps", audit.gaps());
        json.addProperty("violations", audit.violations());
        return json;
    }

    private static JsonObject latency(Latency latency) {
        JsonObject json = new JsonObject();
        json.addProperty("p50", rounded(latency.p50()));
        json.addProperty("p99", rounded(latency.p99()));
        json.addProperty("p999", rounded(latency.p999()));
        json.addProperty("max", rounded(latency.max()));
        return json;
    }

    private static String key(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static double rounded(double value) {
        return Math.round(value * ROUNDING) / ROUNDING;
    }
}
