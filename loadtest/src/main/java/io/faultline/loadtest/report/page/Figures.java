// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.report.page;

import java.util.Locale;

/** Numbers as people read them. */
final class Figures {
    private static final double US_PER_MS = 1e3;
    private static final double US_PER_S = 1e6;
    private static final double PERCENT = 100;

    private Figures() {}

    static String count(long count) {
        return "%,d".formatted(count);
    }

    /** Some of so many; none of none is 0 %. */
    static String share(long part, long whole) {
        return share((double) part, (double) whole);
    }

    /** A part of a whole; nothing of nothing is 0 %. */
    static String share(double part, double whole) {
        double percent = whole > 0 ? PERCENT * part / whole : 0;
        return percent > 0 && percent < 0.1 ? "under 0.1 %" : "%.1f %%".formatted(percent);
    }

    static String seconds(double s) {
        return s < 1 ? "%.0f ms".formatted(s * US_PER_MS) : "%,.1f s".formatted(s);
    }

    static String duration(double us) {
        if (us < US_PER_MS) {
            return (us < 10 ? "%.1f µs" : "%.0f µs").formatted(us);
        }
        if (us < US_PER_S) {
            double ms = us / US_PER_MS;
            return (ms < 10 ? "%.2f ms" : "%.0f ms").formatted(ms);
        }
        return "%,.2f s".formatted(us / US_PER_S);
    }

    /** "1 task", "8 tasks". */
    static String plural(long count, String one, String many) {
        return count(count) + " " + (count == 1 ? one : many);
    }

    /** A key of the JSON object in words. */
    static String words(String key) {
        String words = key.replace('_', ' ');
        String sentence = words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
        return sentence.replaceFirst("^Vcpu", "vCPU").replaceFirst("^Vm ", "VM ");
    }
}
