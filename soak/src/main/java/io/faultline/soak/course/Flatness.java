// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.course;

import java.util.Arrays;

/**
 * Judges whether a series grows. Stateless.
 */
/*
 * A process that has just started grows for good reasons: classes, compiled code, caches that fill. The first third is left
 * out. Of the rest the slope is Theil's and Sen's, the median of the slopes between all pairs of samples: it stays what it is
 * while less than 29 % of the samples are anything at all, so a strike or a pause does not decide it. What it makes over the time
 * judged has to stay within the measure's tolerance. A series that only wanders has a slope as well; so growth counts
 * only if more pairs rise than fall, by more than chance explains in one of a hundred series (Mann's and Kendall's test).
 */
public final class Flatness {
    /** Of a run, its beginning that is not judged. */
    public static final double WARM_UP_SHARE = 1.0 / 3;
    /** With fewer samples after the beginning nothing is said. */
    static final int SAMPLES_MIN = 20;
    /** One of a hundred, on one side. */
    private static final double Z_MAX = 2.326;

    private Flatness() {}

    /** What is said of a series. */
    public enum Kind {
        /** It stays as it is, within the tolerance. */
        FLAT,
        /** It grows. */
        GROWS,
        /** Too few samples. */
        NOT_JUDGED
    }

    /**
     * A judgement; numbers but the samples' are 0 where none was made.
     *
     * @param samples how many there were after the beginning
     * @param median of the samples judged
     * @param growth what the slope makes over the time judged; negative where it falls
     * @param allowed how much is no growth
     * @param judgedS the time judged, in seconds
     */
    public record Verdict(Kind kind, int samples, double median, double growth, double allowed, double judgedS) {}

    /** Judges a series of a run of {@code runS} seconds. */
    public static Verdict of(Series all, double runS) {
        Series series = all.from(runS * WARM_UP_SHARE);
        int n = series.size();
        if (n < SAMPLES_MIN) {
            return new Verdict(Kind.NOT_JUDGED, n, 0, 0, 0, 0);
        }
        double judgedS = series.time(n - 1) - series.time(0);
        double[] values = new double[n];
        double[] slopes = new double[n * (n - 1) / 2];
        int pairs = 0;
        long risesMinusFalls = 0;
        for (int i = 0; i < n; i++) {
            values[i] = series.value(i);
            for (int j = 0; j < i; j++) {
                double rise = series.value(i) - series.value(j);
                risesMinusFalls += (long) Math.signum(rise);
                slopes[pairs++] = rise / (series.time(i) - series.time(j));
            }
        }
        double median = median(values);
        double growth = median(slopes) * judgedS;
        double allowed = series.measure().allowed(median);
        boolean grows = growth > allowed && z(risesMinusFalls, n) > Z_MAX;
        return new Verdict(grows ? Kind.GROWS : Kind.FLAT, n, median, growth, allowed, judgedS);
    }

    /** How far from chance the balance of rises and falls is, in standard deviations of it. */
    private static double z(long risesMinusFalls, int n) {
        double variance = n * (n - 1.0) * (2.0 * n + 5) / 18;
        return (risesMinusFalls - Long.signum(risesMinusFalls)) / Math.sqrt(variance);
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        int middle = values.length / 2;
        return values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}
