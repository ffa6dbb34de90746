// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import io.faultline.loadtest.replay.Latency;
import io.faultline.loadtest.replay.ReplayResult;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;

/** The same faults dealt with in each mode, side by side, as the kernel series' cover letters do it. Immutable. */
final class GuestComparison {
    private static final Gson GSON = new GsonBuilder().setPrettyPrinting().create();
    private static final double PERCENT = 100;
    private static final double US_PER_MS = 1_000;
    private static final double ROUNDING = 10_000;

    private final Setting setting;
    private final Map<GuestMode, ReplayResult> results;

    /**
     * What was replayed.
     *
     * @param trace the recording
     * @param tasks how many tasks carried it out
     * @param vcpus on how many vCPUs
     * @param residentPagesMax with so many pages resident at once
     * @param storeLatency from a swap store that answered so late
     */
    record Setting(Path trace, int tasks, int vcpus, long residentPagesMax, Duration storeLatency) {}

    /** A comparison of one result for each mode. */
    GuestComparison(Setting setting, Map<GuestMode, ReplayResult> results) {
        this.setting = setting;
        this.results = new EnumMap<>(results);
    }

    /** What must hold and did not, in each mode. */
    List<String> broken() {
        List<String> broken = new ArrayList<>();
        results.forEach((mode, result) ->
                result.brokenInvariants().forEach(invariant -> broken.add(mode.title() + ": " + invariant)));
        return broken;
    }

    /** A table for a person, lines ended. */
    String table() {
        StringBuilder text =
                new StringBuilder("%n%s: %,d accesses by %d tasks on %d vCPUs, %,d pages resident, store %s away%n%n"
                        .formatted(
                                setting.trace.getFileName(),
                                guestWork(of(GuestMode.SYNC)),
                                setting.tasks,
                                setting.vcpus,
                                setting.residentPagesMax,
                                ms(setting.storeLatency.toNanos() / 1e6)));
        text.append("%-34s".formatted(""));
        results.keySet().forEach(mode -> text.append("%28s".formatted(mode.title())));
        text.append("%n".formatted());
        row(text, "elapsed", "%,.2f s", ReplayResult::elapsedS);
        row(text, "  times sooner than synchronous", "%,.2f", this::gain);
        row(text, "guest work (accesses done)", "%,.0f", GuestComparison::guestWork);
        row(text, "guest work per second", "%,.0f", GuestComparison::guestWorkPerS);
        row(text, "asynchronous faults", "%,.0f", ReplayResult::tokensIssued);
        row(text, "a task's wait for a page", "%,.2f ms", result -> waitUs(result) / US_PER_MS);
        row(text, "  times as long as synchronous", "%,.2f", this::slowdown);
        row(text, "vCPUs stood still", "%.1f %%", result -> PERCENT * blockedShare(result));
        return text.toString();
    }

    private void row(StringBuilder text, String name, String format, ToDoubleFunction<ReplayResult> value) {
        text.append("%-34s".formatted(name));
        results.values()
                .forEach(result -> text.append("%28s".formatted(format.formatted(value.applyAsDouble(result)))));
        text.append("%n".formatted());
    }

    /** A JSON object with a member for each mode. */
    String json() {
        JsonObject json = new JsonObject();
        results.forEach((mode, result) -> {
            JsonObject member = new JsonObject();
            member.addProperty("elapsed_s", rounded(result.elapsedS()));
            member.addProperty("guest_work", guestWork(result));
            member.addProperty("guest_work_per_s", rounded(guestWorkPerS(result)));
            member.addProperty("task_slowdown", rounded(slowdown(result)));
            member.addProperty("vcpu_blocked_share", rounded(blockedShare(result)));
            member.addProperty("async_faults", result.tokensIssued());
            json.add(mode.key(), member);
        });
        JsonObject settings = new JsonObject();
        settings.addProperty("trace", setting.trace.toString());
        settings.addProperty("tasks", setting.tasks);
        settings.addProperty("vcpus", setting.vcpus);
        settings.addProperty("resident_pages_max", setting.residentPagesMax);
        settings.addProperty("store_latency_us", setting.storeLatency.toNanos() / 1_000);
        json.add("settings", settings);
        return GSON.toJson(json);
    }

    private ReplayResult of(GuestMode mode) {
        return Objects.requireNonNull(results.get(mode), mode.title());
    }

    private double gain(ReplayResult result) {
        return result.elapsedS() > 0 ? of(GuestMode.SYNC).elapsedS() / result.elapsedS() : 0;
    }

    private double slowdown(ReplayResult result) {
        double synchronousUs = waitUs(of(GuestMode.SYNC));
        return synchronousUs > 0 ? waitUs(result) / synchronousUs : 1;
    }

    /** Accesses that were carried out: what every mode has to do. */
    private static long guestWork(ReplayResult result) {
        return result.faults() - result.faultsRetried();
    }

    private static double guestWorkPerS(ReplayResult result) {
        return result.elapsedS() > 0 ? guestWork(result) / result.elapsedS() : 0;
    }

    /** How long a task waited for a page that was not resident, on the average, in microseconds. */
    private static double waitUs(ReplayResult result) {
        Latency sync = result.syncLatency();
        Latency async = result.asyncLatency();
        long count = sync.count() + async.count();
        return count == 0 ? 0 : (sync.count() * sync.mean() + async.count() * async.mean()) / count;
    }

    private double blockedShare(ReplayResult result) {
        return result.elapsedS() > 0 ? result.blockedS() / result.elapsedS() / setting.vcpus : 0;
    }

    private static String ms(double milliseconds) {
        return "%.3g ms".formatted(milliseconds);
    }

    private static double rounded(double value) {
        return Math.round(value * ROUNDING) / ROUNDING;
    }
}
