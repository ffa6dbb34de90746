// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace.info;

import java.util.Arrays;

/**
 * How many references a least-recently-used memory of any size would miss: those whose reuse distance is at least its size, and
 * the first of each page. Exact unless the history was sampled. Not thread-safe.
 */
final class MissCurve {
    private static final int CAPACITY_FIRST = 1 << 12;

    private double[] byDistance = new double[CAPACITY_FIRST];
    private double firsts;
    private long references;
    private double rate = 1;

    /** A reference with its distance as {@link PageHistory} tells it. */
    void add(int distance) {
        references++;
        if (distance == PageHistory.NOT_SAMPLED) {
            return;
        }
        if (distance == PageHistory.FIRST) {
            firsts++;
            return;
        }
        if (distance >= byDistance.length) {
            byDistance = Arrays.copyOf(byDistance, Integer.highestOneBit(distance) * 2);
        }
        byDistance[distance]++;
    }

    /** The history's sample was halved: so are counts and distances. */
    void halve() {
        double[] halved = new double[byDistance.length];
        for (int distance = 0; distance < byDistance.length; distance++) {
            halved[distance / 2] += byDistance[distance] / 2;
        }
        byDistance = halved;
        firsts /= 2;
        rate /= 2;
    }

    /** The share of pages that is in the sample; 1 for exact. */
    double rate() {
        return rate;
    }

    /** How many pages were referenced. */
    long pages() {
        return Math.round(firsts / rate);
    }

    /**
     * How many references a memory of so many pages would miss.
     *
     * @param capacityPages at least 1
     */
    long misses(long capacityPages) {
        double misses = firsts;
        long from = (long) Math.ceil(capacityPages * rate);
        for (int distance = (int) Math.min(from, byDistance.length); distance < byDistance.length; distance++) {
            misses += byDistance[distance];
        }
        // By the sample's rate, not by its references: it has more or fewer of these as it has hot pages, which hit.
        return Math.clamp(Math.round(misses / rate), 0, references);
    }
}
