// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.report.page;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.faultline.loadtest.replay.TerminalKind;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.StreamSupport;

/** The parts of a page that tell of a run. */
final class RunSections {
    private static final List<String> TIERS = List.of("dram", "compressed", "swap_store");
    private static final List<String> STATES = List.of("parked", "asking", "mapping", "standing_still");
    private static final List<String> TIER_NAMES = List.of("pager's memory", "pager's compressed memory", "swap store");

    private final Run run;

    RunSections(Run run) {
        this.run = run;
    }

    List<Section> all() {
        return List.of(
                outcomes(), standstill(), timeline(), tiers(), latencyOfOutcomes(), latencyOfTiers(), workingSet());
    }

    private Section outcomes() {
        List<List<String>> rows = new ArrayList<>();
        for (TerminalKind kind : TerminalKind.values()) {
            String key = kind.name().toLowerCase(Locale.ROOT);
            rows.add(List.of(
                    Figures.words(key),
                    Figures.count(run.outcome(key)),
                    Figures.share(run.outcome(key), run.count("faults"))));
        }
        return new Section(
                "outcomes",
                "How did the faults end, and how many a second?",
                "The height is how many faults ended in each second of the run; the more of it is marked asynchronous and the less synchronous, the less the guest was stopped.",
                List.of("How faults ended", "Faults", "Share"),
                rows);
    }

    private Section standstill() {
        return new Section(
                "standstill",
                "Did the vCPUs keep running?",
                "Tasks that were put aside to wait for their page, and vCPUs that stood still, on the average of each moment: as long as the solid line is low, waiting did not stop the guest.",
                List.of("On the average", "At once", "Seconds in all"),
                List.of(
                        List.of("vCPUs standing still", average(run.standingS()), Figures.seconds(run.standingS())),
                        List.of(
                                "Tasks put aside",
                                average(run.secondsIn("parked")),
                                Figures.seconds(run.secondsIn("parked")))));
    }

    private Section timeline() {
        Map<Integer, double[]> usOfTask = new TreeMap<>();
        for (JsonElement element : spans()) {
            JsonArray span = element.getAsJsonArray();
            double[] us = usOfTask.computeIfAbsent(span.get(1).getAsInt(), _ -> new double[STATES.size() + 1]);
            us[STATES.indexOf(span.get(2).getAsString())] +=
                    span.get(4).getAsDouble() - span.get(3).getAsDouble();
            us[STATES.size()]++;
        }
        List<List<String>> rows = new ArrayList<>();
        usOfTask.forEach((task, us) -> rows.add(List.of(
                "Task " + task,
                Figures.duration(us[0]),
                Figures.duration(us[1]),
                Figures.duration(us[2]),
                Figures.duration(us[3]),
                Figures.count((long) us[STATES.size()]))));
        return new Section(
                "timeline",
                "What did the tasks do meanwhile?",
                "A short stretch of the run under a magnifying glass, a line for each task: while one is put aside (low, hatched bars), others go on; where a bar is tall, the task keeps its vCPU from running. Drag over the chart to enlarge a part of it; a double click shows all again.",
                List.of(
                        "In this stretch",
                        "Put aside",
                        "Asking whether to run on",
                        "Mapping a page that was there",
                        "Standing still for a page",
                        "Bars"),
                rows);
    }

    private Section tiers() {
        long pages = TIERS.stream().mapToLong(run::tier).sum();
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < TIERS.size(); i++) {
            long ofTier = run.tier(TIERS.get(i));
            rows.add(List.of(Figures.words(TIER_NAMES.get(i)), Figures.count(ofTier), Figures.share(ofTier, pages)));
        }
        return new Section(
                "tiers",
                "Which tier did the pages come from?",
                "Pages that the pager sent in each second, by the tier that had them: its memory is quickest, the swap store is largest.",
                List.of("Tier", "Pages", "Share"),
                rows);
    }

    private Section latencyOfOutcomes() {
        return new Section(
                "latency",
                "How long did faults take?",
                "Further to the right is slower, each step of the scale ten times so; the height is the share of the faults of that kind which took so long. An asynchronous fault lets others run for that time.",
                Latencies.HEADS,
                Latencies.rows(run.latencies(), latency -> isOfAllSources(latency)));
    }

    private Section latencyOfTiers() {
        return new Section(
                "tail",
                "How long did the slowest take, by tier?",
                "Read upwards from 99 %: 99 of 100 faults whose page came from that tier took no longer than the height of its line. Flat is good; a line that rises at the right end has stragglers. Lines of fewer than 100 faults are left to the table.",
                Latencies.HEADS,
                Latencies.rows(run.latencies(), latency -> !isOfAllSources(latency)));
    }

    private Section workingSet() {
        JsonObject workingSet = run.history().getAsJsonObject("working_set");
        DoubleSummaryStatistics pages = StreamSupport.stream(
                        workingSet.getAsJsonArray("pages").spliterator(), false)
                .mapToDouble(JsonElement::getAsDouble)
                .summaryStatistics();
        return new Section(
                "working_set",
                "How much memory was in use?",
                "Different pages that faulted in each interval; the dashed line is how many pages the guest may keep with it. Where the steps are far below the dashes, the guest's own memory takes most of the accesses.",
                List.of(
                        "Pages in an interval of "
                                + Figures.seconds(workingSet.get("slot_s").getAsDouble()),
                        "Pages"),
                List.of(
                        List.of("Fewest", Figures.count(Math.round(pages.getMin()))),
                        List.of("Average", Figures.count(Math.round(pages.getAverage()))),
                        List.of("Most", Figures.count(Math.round(pages.getMax()))),
                        List.of("Allowed with the guest", Figures.count(run.setting("resident_pages_max")))));
    }

    private static boolean isOfAllSources(JsonObject latency) {
        return latency.get("source").getAsString().equals("all");
    }

    private JsonArray spans() {
        return run.history().getAsJsonObject("timeline").getAsJsonArray("spans_us");
    }

    private String average(double seconds) {
        double elapsedS = run.number("elapsed_s");
        return "%.2f".formatted(elapsedS > 0 ? seconds / elapsedS : 0);
    }
}
