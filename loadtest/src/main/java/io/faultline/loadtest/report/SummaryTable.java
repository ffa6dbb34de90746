// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.report;

import io.faultline.audit.verify.AuditReport;
import io.faultline.loadtest.replay.Latency;
import io.faultline.loadtest.replay.ReplayResult;
import io.faultline.loadtest.replay.TerminalKind;
import io.faultline.model.PageSource;
import io.faultline.model.SyncReason;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A replay as a table for somebody who has not read the protocol. One use, one thread. */
public final class SummaryTable {
    private static final int NAME_WIDTH = 54;
    private static final String SHARE_COLUMNS = "%9s%10s".formatted("faults", "share");
    private static final String LATENCY_COLUMNS = "%9s%10s%10s%10s".formatted("p50", "p99", "p99.9", "max");
    private static final double US_PER_MS = 1_000;
    private static final double MS_PER_S = 1_000;

    private final StringBuilder text = new StringBuilder();
    private final ReplayResult result;

    private SummaryTable(ReplayResult result) {
        this.result = result;
    }

    /** The table, lines ended; {@code audit} is null when the trail was not verified. */
    public static String of(ReplayResult result, @Nullable AuditReport audit) {
        SummaryTable table = new SummaryTable(result);
        table.headline();
        table.outcomes();
        table.syncReasons();
        table.latencies();
        table.pages();
        table.notifications();
        table.proofs(audit);
        table.verdict(ReportJson.broken(result, audit));
        return table.text.toString();
    }

    private void headline() {
        line("%,d faults in %s: %,.0f a second%s"
                .formatted(
                        result.faults(),
                        seconds(result.elapsedS()),
                        result.faultsPerS(),
                        result.populateS() > 0
                                ? " (after " + seconds(result.populateS()) + " to fill the memory)"
                                : ""));
    }

    private void outcomes() {
        section("How the faults ended", SHARE_COLUMNS);
        share("asynchronous, woken by page-ready", result.count(TerminalKind.RESOLVED_READY));
        share("asynchronous, page came before the guest was told", result.count(TerminalKind.RESOLVED_CANCELLED));
        optionalShare("asynchronous, connection to the guest lost", result.count(TerminalKind.RESOLVED_DROPPED));
        share("synchronous, the vCPU stood still", result.count(TerminalKind.MAPPED_SYNC));
        share("page was resident", result.count(TerminalKind.MAPPED_RESIDENT));
        share("page was never written: zeros", result.count(TerminalKind.MAPPED_ZERO_FILL));
        optionalShare("failed", result.count(TerminalKind.FAILED));
    }

    private void syncReasons() {
        if (result.syncReasons().isEmpty()) {
            return;
        }
        section("Why a vCPU had to stand still", SHARE_COLUMNS);
        result.syncReasons().entrySet().stream()
                .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                .forEach(reason -> share(describe(reason.getKey()), reason.getValue()));
    }

    private void latencies() {
        section("How long they took", LATENCY_COLUMNS);
        latency("asynchronous, until page-ready", result.asyncLatency());
        latency("synchronous, until mapped", result.syncLatency());
        ReplayResult.OpenLoop openLoop = result.openLoop();
        if (openLoop != null) {
            section("Against the schedule: %,.0f a second were due".formatted(openLoop.wantedPerS()), LATENCY_COLUMNS);
            latency("begun so long after it was due", openLoop.late());
            latency("page there so long after it was due", openLoop.sinceDue());
        }
    }

    private void pages() {
        section("Where the pages came from", "%9s".formatted("pages"));
        count("resident", source(PageSource.RESIDENT));
        count("taken back on their way out", source(PageSource.TAKEN_BACK));
        count("never written", source(PageSource.ZERO_FILL));
        count("pager's memory", source(PageSource.DRAM));
        count("pager's memory, compressed", source(PageSource.COMPRESSED));
        count("swap store", source(PageSource.SWAP_STORE));
        count("and written out, memory filling included", result.pagesWrittenOut());
    }

    private void notifications() {
        section("What the guest was told", "%9s".formatted("times"));
        count("page not present: put the task aside", result.notifications().notPresent());
        count("page ready: wake the task", result.notifications().pageReady());
        count("wake all tasks", result.notifications().wakeAll());
    }

    private void proofs(@Nullable AuditReport audit) {
        section("What was checked", "%9s".formatted("times"));
        count("loads compared with what was stored", result.integrity().checks());
        count("… of pages back from the swap store", result.integrity().checksOfSwapStore());
        count("… that brought something else", result.integrity().mismatches());
        ReplayResult.ReadBack readBack = result.readBack();
        if (readBack != null) {
            count("pages read back when all was done", readBack.pages());
            count("… that hold something else", readBack.wrong());
            count("… that are lost", readBack.lost());
        }
        if (audit != null) {
            count("audit steps read", audit.steps());
            count("… in records", audit.records());
            count("… missing or doubled", audit.gaps());
            count("… against a rule", audit.violations());
        }
    }

    private void verdict(List<String> broken) {
        line("");
        result.notes().forEach(note -> line("Note: " + note));
        if (result.badLines() > 0) {
            line("Note: %,d malformed lines of the recording were passed over".formatted(result.badLines()));
        }
        if (broken.isEmpty()) {
            line("Every invariant held.");
        } else {
            line("NOT HELD:");
            broken.forEach(what -> line("  - " + what));
        }
    }

    private long source(PageSource source) {
        return result.sources().getOrDefault(source, 0L);
    }

    private void section(String title, String columns) {
        line("");
        line(("%-" + NAME_WIDTH + "s%s").formatted(title, columns));
    }

    private void count(String name, long count) {
        line(("  %-" + (NAME_WIDTH - 2) + "s %,8d").formatted(name, count));
    }

    private void optionalShare(String name, long count) {
        if (count > 0) {
            share(name, count);
        }
    }

    private void share(String name, long count) {
        line(("  %-" + (NAME_WIDTH - 2) + "s %,8d   %5.1f %%")
                .formatted(name, count, result.faults() == 0 ? 0 : 100.0 * count / result.faults()));
    }

    private void latency(String name, Latency latency) {
        if (latency.count() > 0) {
            line(("  %-" + (NAME_WIDTH - 2) + "s%s%s%s%s")
                    .formatted(
                            name,
                            duration(latency.p50()),
                            duration(latency.p99()),
                            duration(latency.p999()),
                            duration(latency.max())));
        }
    }

    private void line(String line) {
        text.append(line.stripTrailing()).append('\n');
    }

    private static String describe(SyncReason reason) {
        return reason.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static String seconds(double s) {
        return "%.1f s".formatted(s);
    }

    private static String duration(double us) {
        if (us < US_PER_MS) {
            return "%7.0f µs".formatted(us);
        }
        double ms = us / US_PER_MS;
        return ms < MS_PER_S ? "%7.1f ms".formatted(ms) : "%8.2f s".formatted(ms / MS_PER_S);
    }
}
