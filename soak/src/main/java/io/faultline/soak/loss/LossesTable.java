// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.loss;

import java.util.List;
import java.util.Locale;

/** Losses as a table for a terminal. Stateless. */
public final class LossesTable {
    private LossesTable() {}

    /** The table, a line each, and below it what did not hold. */
    public static String of(List<LossResult> results) {
        StringBuilder text = new StringBuilder();
        line(
                text,
                String.format(
                        Locale.ROOT,
                        "%-18s %-7s %7s %7s %6s %7s %10s %12s %7s %7s",
                        "lost",
                        "",
                        "faults",
                        "flying",
                        "told",
                        "away s",
                        "last s",
                        "of return s",
                        "still s",
                        "pages"));
        for (LossResult result : results) {
            LossResult.Figures figures = result.figures();
            if (figures == null) {
                line(text, String.format(Locale.ROOT, "%-18s %-7s %s", result.name(), verdict(result), why(result)));
            } else {
                line(
                        text,
                        String.format(
                                Locale.ROOT,
                                "%-18s %-7s %,7d %,7d %,6d %7.1f %10.2f %12.2f %7.2f %,7d",
                                result.name(),
                                verdict(result),
                                figures.faults(),
                                figures.inFlight(),
                                figures.told(),
                                figures.awayS(),
                                figures.lastAfterLossS(),
                                figures.lastAfterReturnS(),
                                figures.standstillS(),
                                figures.readBackPages()));
            }
        }
        results.forEach(result ->
                result.broken().forEach(what -> line(text, String.format(Locale.ROOT, "%s: %s", result.name(), what))));
        long held = results.stream().filter(LossResult::hasHeld).count();
        long skipped =
                results.stream().filter(result -> result.skipped() != null).count();
        line(
                text,
                String.format(
                        Locale.ROOT,
                        "%d losses: %d held, %d did not, %d skipped",
                        results.size(),
                        held,
                        results.size() - held - skipped,
                        skipped));
        return text.toString();
    }

    private static String why(LossResult result) {
        return result.skipped() == null ? "" : result.skipped();
    }

    private static String verdict(LossResult result) {
        return result.skipped() != null ? "skipped" : result.hasHeld() ? "held" : "BROKEN";
    }

    private static void line(StringBuilder text, String line) {
        text.append(line.stripTrailing()).append(System.lineSeparator());
    }
}
