// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.report;

import io.faultline.audit.verify.AuditReport;
import io.faultline.loadtest.replay.Latency;
import io.faultline.loadtest.replay.ReplayResult;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Several VMs' replays at once as a table, a line a VM. Stateless. */
public final class FleetTable {
    private static final double US_PER_MS = 1_000;
    private static final double PERCENT = 100;

    private FleetTable() {}

    /** The table, lines ended, by VM id; {@code audit} is null when the trail was not verified. */
    public static String of(Map<Long, ReplayResult> results, @Nullable AuditReport audit) {
        FleetTotals totals = FleetTotals.of(results.values());
        StringBuilder text = new StringBuilder();
        line(
                text,
                "%20s %12s %10s %8s %12s %12s %12s"
                        .formatted("VM", "faults", "a second", "async", "p50 ms", "p99 ms", "mismatches"));
        results.forEach((vmId, result) -> line(
                text,
                "%20d %,12d %,10.0f %6.1f %% %12.2f %12.2f %,12d"
                        .formatted(
                                vmId,
                                result.faults(),
                                result.faultsPerS(),
                                share(result.tokensIssued(), result.faults()),
                                slower(result).p50() / US_PER_MS,
                                slower(result).p99() / US_PER_MS,
                                result.integrity().mismatches())));
        line(
                text,
                "%20s %,12d %,10.0f %6.1f %% %12s %12s %,12d"
                        .formatted(
                                "all",
                                totals.faults(),
                                totals.faultsPerS(),
                                share(totals.tokensIssued(), totals.faults()),
                                "",
                                "",
                                totals.integrityMismatches()));
        line(text, "");
        line(
                text,
                "p50 and p99: "
                        + (isOpenLoop(results)
                                ? "from when an access was due until its page was there."
                                : "of the asynchronous faults, from fault to page ready; without any, of the synchronous ones."));
        if (audit != null) {
            line(
                    text,
                    "%,d audit steps, %,d missing or doubled, %,d against a rule."
                            .formatted(audit.steps(), audit.gaps(), audit.violations()));
        }
        results.forEach((vmId, result) -> result.notes().forEach(note -> line(text, "Note: VM " + vmId + ": " + note)));
        verdict(text, totals.broken(results, audit));
        return text.toString();
    }

    private static void verdict(StringBuilder text, List<String> broken) {
        if (broken.isEmpty()) {
            line(text, "Every invariant held, in every VM.");
        } else {
            line(text, "NOT HELD:");
            broken.forEach(what -> line(text, "  - " + what));
        }
    }

    private static boolean isOpenLoop(Map<Long, ReplayResult> results) {
        return results.values().stream().anyMatch(result -> result.openLoop() != null);
    }

    private static Latency slower(ReplayResult result) {
        ReplayResult.OpenLoop openLoop = result.openLoop();
        if (openLoop != null) {
            return openLoop.sinceDue();
        }
        return result.asyncLatency().count() > 0 ? result.asyncLatency() : result.syncLatency();
    }

    private static double share(long part, long whole) {
        return whole == 0 ? 0 : PERCENT * part / whole;
    }

    private static void line(StringBuilder text, String line) {
        text.append(line.stripTrailing()).append('\n');
    }
}
