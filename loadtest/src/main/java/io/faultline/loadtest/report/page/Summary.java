// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.report.page;

import com.google.gson.JsonObject;
import java.util.List;

/** The first screen: the verdict, the figures that matter most, and what happened in sentences. */
final class Summary {
    private Summary() {}

    static void appendTo(Markup page, Run run) {
        verdict(page, run);
        tiles(page, run);
        page.open("section", "id", "story", "aria-labelledby", "story-title")
                .open("h2", "id", "story-title")
                .text("What happened")
                .close("h2");
        new Story(run).sentences().forEach(sentence -> page.element("p", sentence));
        run.strings("notes").forEach(note -> page.element("p", "Note: " + note + "."));
        page.open("details").element("summary", "What the words mean").open("dl");
        page.element("dt", "Page fault")
                .element(
                        "dd",
                        "A task touched a page of the guest's memory that is not with the guest: it has to be fetched from where it is.")
                .element("dt", "Asynchronous")
                .element(
                        "dd",
                        "The host tells the guest \"page not present\". The guest puts the task aside, runs others, and hears \"page ready\" later.")
                .element("dt", "Synchronous")
                .element("dd", "The vCPU, on which tasks run one at a time, stands still until the page is there.")
                .element("dt", "Tiers")
                .element(
                        "dd",
                        "Where pages are that are not with the guest: the pager's memory, its compressed memory, the swap store.");
        page.close("dl").close("details").close("section");
    }

    private static void verdict(Markup page, Run run) {
        List<String> broken = run.brokenInvariants();
        if (broken.isEmpty()) {
            page.open("p", "class", "verdict held")
                    .text("✓ Every invariant held")
                    .close("p");
            return;
        }
        page.open("div", "class", "verdict broken")
                .open("p")
                .text("✗ Not everything held:")
                .close("p")
                .open("ul");
        broken.forEach(invariant -> page.element("li", invariant));
        page.close("ul").close("div");
    }

    private static void tiles(Markup page, Run run) {
        page.open("dl", "class", "tiles");
        tile(page, "faults in " + Figures.seconds(run.number("elapsed_s")), Figures.count(run.count("faults")));
        long missing = run.asynchronous() + run.outcome("mapped_sync");
        if (missing > 0) {
            tile(page, "of the faults on missing pages were asynchronous", Figures.share(run.asynchronous(), missing));
        }
        Story.asynchronous(run)
                .ifPresent(latency -> tile(
                        page,
                        "until half of the awaited pages were there",
                        Figures.duration(Percentiles.us(latency, 50))));
        JsonObject audit = run.optional("audit");
        tile(
                page,
                "wrong of " + Figures.count(run.count("integrity_checks")) + " checked loads",
                Figures.count(run.count("integrity_mismatches")));
        if (audit != null) {
            tile(
                    page,
                    "gaps and violations in " + Figures.count(audit.get("steps").getAsLong()) + " audited steps",
                    Figures.count(audit.get("gaps").getAsLong()
                            + audit.get("violations").getAsLong()));
        }
        page.close("dl");
    }

    private static void tile(Markup page, String what, String figure) {
        page.open("div").element("dt", what).element("dd", figure).close("div");
    }
}
