// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak;

import io.faultline.soak.course.CourseTable;
import io.faultline.soak.strike.StrikeKind;

/** A soak as a table for a person. One use, one thread. */
public final class SoakTable {
    private static final int NAME_WIDTH = 58;

    private final StringBuilder text = new StringBuilder();
    private final SoakResult result;

    private SoakTable(SoakResult result) {
        this.result = result;
    }

    /** The table, lines ended. */
    public static String of(SoakResult result) {
        SoakTable table = new SoakTable(result);
        table.headline();
        if (result.settings().isChaos()) {
            table.strikes();
        }
        table.load();
        table.proofs();
        table.course();
        table.verdict();
        return table.text.toString();
    }

    private void headline() {
        line("%d guests at a time, %d in all, in %.0f s over %d pagers and a Redis Cluster of six%s"
                .formatted(
                        result.settings().load().vms(),
                        result.counts().vms(),
                        result.elapsedS(),
                        SoakSettings.PAGERS,
                        result.settings().isChaos()
                                ? ", with chaos from seed " + result.settings().seed()
                                : ""));
    }

    private void strikes() {
        section("What was survived", "    times  longest outage  longest recovery");
        for (StrikeKind kind : StrikeKind.values()) {
            StrikeSummary summary = StrikeSummary.of(kind, result.strikes());
            line(("  %-" + (NAME_WIDTH - 2) + "s %,8d  %12.1f s  %14.1f s")
                    .formatted(kind.words(), summary.count(), summary.outageSMax(), summary.recoverySMax()));
        }
        line(
                "  Outage: until what was hit, or what took its place, worked again. Recovery: from then until every guest got on.");
    }

    private void load() {
        SoakCounts counts = result.counts();
        section("What the guests did", "    times");
        count("faults, each with one end", counts.faults());
        count("… asynchronous", counts.tokens());
        count("… raised again after a wake-all", counts.faultsRetried());
        count("pages written out", counts.pagesWrittenOut());
        count("pages that came back from the swap store", counts.pagesFromStore());
        count(
                "pages that were asked for, repeated requests included",
                result.meters().fetches());
        count(
                "requests given up without an answer, and repeated",
                result.meters().requestsGivenUp());
        seconds("slowest fault", counts.slowestFaultS());
        seconds("longest time in which no fault of a guest ended", result.longestStandstillS());
    }

    private void proofs() {
        SoakCounts counts = result.counts();
        section("What was checked", "    times");
        count("loads compared with what was stored", counts.loadsChecked());
        count("… that brought something else", counts.loadsWrong());
        count("pages read back, each byte", counts.readBack().pages());
        count("… that hold something else", counts.readBack().wrong());
        count("… that are lost", counts.readBack().lost());
        count(
                "… reads repeated, as the tiers were unavailable",
                counts.readBack().retries());
        count("audit steps read", result.audit().steps());
        count("… missing or doubled", result.audit().gaps());
        count("… against a rule", result.audit().violations());
    }

    private void course() {
        line("");
        CourseTable.of(result.course()).forEach(this::line);
    }

    private void verdict() {
        line("");
        if (result.hasHeld()) {
            line("Every page is what its guest last wrote, and every token ended once%s."
                    .formatted(result.course().isJudged() ? ", and no service took more and more" : ""));
        } else {
            line("NOT HELD:");
            result.broken().forEach(what -> line("  - " + what));
        }
    }

    private void section(String title, String columns) {
        line("");
        line(("%-" + NAME_WIDTH + "s%s").formatted(title, columns));
    }

    private void count(String name, long count) {
        line(("  %-" + (NAME_WIDTH - 2) + "s %,8d").formatted(name, count));
    }

    private void seconds(String name, double s) {
        line(("  %-" + (NAME_WIDTH - 2) + "s %8.1f s").formatted(name, s));
    }

    private void line(String line) {
        text.append(line.stripTrailing()).append('\n');
    }
}
