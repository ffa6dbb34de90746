// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.peers;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * What came of {@link Rounds}: for every shape and peer one sample a round. For one thread.
 *
 * @param <S> the shapes of the work
 */
public final class Comparison<S> {
    private final List<S> shapes;
    private final List<String> peers;
    private final Map<Cell<S>, List<Sample>> samples = new HashMap<>();

    Comparison(List<S> shapes, List<String> peers) {
        this.shapes = shapes;
        this.peers = peers;
    }

    void add(S shape, String peer, Sample sample) {
        samples.computeIfAbsent(new Cell<>(shape, peer), _ -> new ArrayList<>()).add(sample);
    }

    /** The shapes, in the order of the tables. */
    public List<S> shapes() {
        return shapes;
    }

    /** The peers' names, in the order of the tables. */
    public List<String> peers() {
        return peers;
    }

    /** The samples of a peer at a shape, by round. */
    public List<Sample> samples(S shape, String peer) {
        return samples.getOrDefault(new Cell<>(shape, peer), List.of());
    }

    /** The median over the rounds of one figure of the samples; not a number where a sample has none. */
    public double median(S shape, String peer, ToDoubleFunction<Sample> figure) {
        return median(samples(shape, peer).stream().mapToDouble(figure).sorted().toArray());
    }

    /** A peer's rate over another's, round by round, least first. */
    public double[] ratios(S shape, String peer, String other) {
        List<Sample> upper = samples(shape, peer);
        List<Sample> lower = samples(shape, other);
        double[] ratios = new double[Math.min(upper.size(), lower.size())];
        for (int round = 0; round < ratios.length; round++) {
            ratios[round] = upper.get(round).perSecond() / lower.get(round).perSecond();
        }
        Arrays.sort(ratios);
        return ratios;
    }

    /** The median of sorted figures. */
    static double median(double[] sorted) {
        int middle = sorted.length / 2;
        if (sorted.length == 0) {
            return Double.NaN;
        }
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private record Cell<S>(S shape, String peer) {}
}
