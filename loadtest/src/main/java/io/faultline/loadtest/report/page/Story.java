// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.report.page;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What happened in a run, in sentences for somebody who sees it for the first time. */
final class Story {
    private static final double US_PER_S = 1e6;

    private final Run run;

    Story(Run run) {
        this.run = run;
    }

    String title() {
        return run.origin().get("command").getAsString() + " of " + run.traceName();
    }

    /** The sentences, each a paragraph of its own. */
    List<String> sentences() {
        List<String> sentences = new ArrayList<>();
        sentences.add(job());
        sentences.add(run.count("tokens_issued") == 0 ? noneWentAsynchronous() : howMany());
        sentences.add(standstill());
        sentences.add(tiers());
        sentences.add(proof());
        return sentences;
    }

    private String job() {
        return "A guest with %s and %s repeated the %s page faults that %s recorded, in %s: %s a second. At most %s of its memory were with it at a time; the others were with the pager, in its tiers."
                .formatted(
                        Figures.plural(run.setting("vcpus"), "vCPU", "vCPUs"),
                        Figures.plural(run.setting("tasks"), "task", "tasks"),
                        Figures.count(run.count("faults")),
                        run.traceName(),
                        Figures.seconds(run.number("elapsed_s")),
                        Figures.count(Math.round(run.number("faults_per_s"))),
                        Figures.plural(run.setting("resident_pages_max"), "page", "pages"));
    }

    private String howMany() {
        return "%s faults (%s) were asynchronous: the task that needed the page was put aside until it came, and its vCPU ran on with other tasks. %s (%s) were synchronous, and their vCPU stood still until the page was there. Of the rest the page was there already (%s)%s."
                .formatted(
                        Figures.count(run.asynchronous()),
                        share(run.asynchronous()),
                        Figures.count(run.outcome("mapped_sync")),
                        share(run.outcome("mapped_sync")),
                        share(run.outcome("mapped_resident")),
                        run.outcome("mapped_zero_fill") == 0
                                ? ""
                                : " or had never been written (" + share(run.outcome("mapped_zero_fill")) + ")");
    }

    private String noneWentAsynchronous() {
        return run.outcome("mapped_sync") == 0
                ? "No fault was asynchronous, for no page was missing."
                : "No fault was asynchronous: for each of %s faults (%s) on a page that was missing, the vCPU stood still until it was there."
                        .formatted(Figures.count(run.outcome("mapped_sync")), share(run.outcome("mapped_sync")));
    }

    private String standstill() {
        double standing = run.standingS();
        double available = run.number("elapsed_s") * run.setting("vcpus");
        String vcpus = run.setting("vcpus") == 1 ? "The vCPU" : "The vCPUs together";
        String sentence = "%s stood still for %s of %s (%s)"
                .formatted(
                        vcpus,
                        Figures.seconds(standing),
                        Figures.seconds(available),
                        Figures.share(standing, available));
        double parked = run.secondsIn("parked");
        return parked == 0
                ? sentence + "."
                : sentence
                        + ": %s for the answer that it may run on, which is a round trip to the services, %s to map pages that were there, and %s for pages that were missing. Tasks were put aside for %s, all added up: for so much longer vCPUs would have stood still without asynchronous faults."
                                .formatted(
                                        Figures.seconds(run.secondsIn("asking")),
                                        Figures.seconds(run.secondsIn("mapping")),
                                        Figures.seconds(run.secondsIn("standing_still")),
                                        Figures.seconds(parked))
                        + nearness();
    }

    /** A word on runs in which little can be gained. */
    private String nearness() {
        double answerUs = US_PER_S * run.secondsIn("asking") / Math.max(1, run.asynchronous());
        return asynchronous(run)
                .filter(latency -> answerUs > Percentiles.us(latency, 50) / 2)
                .map(
                        _ ->
                                " Here the pages were near: most came hardly later than the answer. What is gained when they are far away, bench guest shows.")
                .orElse("");
    }

    private String tiers() {
        long pages = run.tier("dram") + run.tier("compressed") + run.tier("swap_store");
        if (pages == 0) {
            return "No page came from the pager's tiers.";
        }
        return "%s came from the pager: %s (%s) from its memory, %s (%s) from its compressed memory, %s (%s) from the swap store.%s"
                .formatted(
                        Figures.plural(pages, "page", "pages"),
                        Figures.count(run.tier("dram")),
                        Figures.share(run.tier("dram"), pages),
                        Figures.count(run.tier("compressed")),
                        Figures.share(run.tier("compressed"), pages),
                        Figures.count(run.tier("swap_store")),
                        Figures.share(run.tier("swap_store"), pages),
                        waits());
    }

    private String waits() {
        return asynchronous(run)
                .map(latency -> " Half of the tasks that were put aside had their page within %s, 99 of 100 within %s."
                        .formatted(
                                Figures.duration(Percentiles.us(latency, 50)),
                                Figures.duration(Percentiles.us(latency, 99))))
                .orElse("");
    }

    /** The latency of all asynchronous faults, where there were any. */
    static Optional<JsonObject> asynchronous(Run run) {
        return run.latencies().stream()
                .filter(latency -> latency.get("outcome").getAsString().equals("asynchronous"))
                .filter(latency -> latency.get("source").getAsString().equals("all"))
                .findFirst();
    }

    private String proof() {
        String loads =
                "%s were compared with what had been stored there, %s of them from pages that came back from the swap store: %s wrong."
                        .formatted(
                                Figures.plural(run.count("integrity_checks"), "load", "loads"),
                                Figures.count(run.count("integrity_checks_swap_store")),
                                Figures.count(run.count("integrity_mismatches")));
        JsonObject audit = run.optional("audit");
        return audit == null
                ? loads + " The audit trail was not verified (replay --bootstrap does)."
                : loads
                        + " The audit trail tells %s of the faults' lives, with %s missing and %s against the protocol."
                                .formatted(
                                        Figures.plural(audit.get("steps").getAsLong(), "step", "steps"),
                                        Figures.count(audit.get("gaps").getAsLong()),
                                        Figures.count(audit.get("violations").getAsLong()));
    }

    private String share(long faults) {
        return Figures.share(faults, run.count("faults"));
    }
}
