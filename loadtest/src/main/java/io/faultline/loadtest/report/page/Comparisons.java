// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.report.page;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** The parts of a page that compare: a guest with and without asynchronous faults, and eviction policies. */
final class Comparisons {
    private static final long US_PER_MS = 1_000;

    private Comparisons() {}

    /** Of the object that {@code bench guest --json} writes. */
    static Section guests(JsonObject guests) {
        JsonObject settings = guests.getAsJsonObject("settings");
        double synchronousS = guests.getAsJsonObject("sync").get("elapsed_s").getAsDouble();
        List<List<String>> rows = new ArrayList<>();
        for (String mode : List.of("sync", "async", "async_prefetch")) {
            JsonObject result = guests.getAsJsonObject(mode);
            double elapsedS = result.get("elapsed_s").getAsDouble();
            rows.add(List.of(
                    nameOfMode(mode),
                    "%.2f s".formatted(elapsedS),
                    "%.1f".formatted(elapsedS > 0 ? synchronousS / elapsedS : 0),
                    Figures.count(Math.round(result.get("guest_work_per_s").getAsDouble())),
                    "%.2f".formatted(result.get("task_slowdown").getAsDouble()),
                    Figures.share(result.get("vcpu_blocked_share").getAsDouble(), 1),
                    Figures.count(result.get("async_faults").getAsLong())));
        }
        return new Section(
                "guests",
                "What do asynchronous faults gain?",
                "The same %s by %s on %s, each from a swap store that answers after %s: shorter is better in every panel."
                        .formatted(
                                Figures.plural(
                                        guests.getAsJsonObject("sync")
                                                .get("guest_work")
                                                .getAsLong(),
                                        "access",
                                        "accesses"),
                                Figures.plural(settings.get("tasks").getAsLong(), "task", "tasks"),
                                Figures.plural(settings.get("vcpus").getAsLong(), "vCPU", "vCPUs"),
                                latency(settings.get("store_latency_us").getAsLong())),
                List.of(
                        "Faults are",
                        "Elapsed",
                        "Times sooner",
                        "Accesses a second",
                        "A task's wait, times synchronous",
                        "vCPUs stood still",
                        "Asynchronous faults"),
                rows);
    }

    /** Of the object that {@code bench policy --json} writes. */
    static Section policies(JsonObject policies) {
        long references = policies.get("references").getAsLong();
        List<List<String>> rows = new ArrayList<>();
        policies.getAsJsonObject("misses")
                .asMap()
                .forEach((policy, misses) -> rows.add(List.of(
                        policy.replace('_', ' '),
                        Figures.count(misses.getAsLong()),
                        Figures.share(misses.getAsLong(), references))));
        return new Section(
                "policies",
                "Would another eviction policy have missed less?",
                "Misses of each policy, had every one of the recording's %s faults been a look-up in one tier of %s: shorter is better, and none can be shorter than min."
                        .formatted(
                                Figures.count(references),
                                Figures.plural(policies.get("capacity").getAsLong(), "page", "pages")),
                List.of("Policy", "Misses", "Share of look-ups"),
                rows);
    }

    private static String latency(long us) {
        return us % US_PER_MS == 0 ? us / US_PER_MS + " ms" : us + " µs";
    }

    private static String nameOfMode(String mode) {
        return switch (mode) {
            case "sync" -> "Synchronous";
            case "async" -> "Asynchronous";
            default -> "Asynchronous with prefetch";
        };
    }
}
