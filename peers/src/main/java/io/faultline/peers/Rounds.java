// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.peers;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;

/**
 * Measures peers beside each other: each is warmed up first, then in every round each works for one window at every shape,
 * and who begins changes with the round. What disturbs the machine for a while so meets all of them alike.
 *
 * @param <S> the shapes of the work
 */
public final class Rounds<S> {
    private final Settings settings;
    private final List<S> shapes;
    private final List<Peer<S>> peers;
    private final Consumer<String> progress;

    /** Rounds of these peers over these shapes; {@code progress} hears what is being done. */
    public Rounds(Settings settings, List<S> shapes, List<Peer<S>> peers, Consumer<String> progress) {
        this.settings = settings;
        this.shapes = List.copyOf(shapes);
        this.peers = List.copyOf(peers);
        this.progress = progress;
    }

    /** Runs them all. */
    public Comparison<S> run() throws Exception {
        for (Peer<S> peer : peers) {
            warmUp(peer);
        }
        Comparison<S> comparison =
                new Comparison<>(shapes, peers.stream().map(Peer::name).toList());
        for (int round = 0; round < settings.rounds(); round++) {
            progress.accept("round " + (round + 1) + " of " + settings.rounds());
            List<Peer<S>> order = new ArrayList<>(peers);
            Collections.rotate(order, -round);
            for (S shape : shapes) {
                for (Peer<S> peer : order) {
                    comparison.add(
                            shape,
                            peer.name(),
                            peer.run(shape, settings.window().toNanos()));
                }
            }
        }
        return comparison;
    }

    /* The last shape is the one with most under way: it has half of the time, and ends it. */
    private void warmUp(Peer<S> peer) throws Exception {
        long wholeNs = settings.warmUp().toNanos();
        if (wholeNs == 0) {
            return;
        }
        progress.accept(
                "warming up " + peer.name() + " for " + settings.warmUp().toSeconds() + " s");
        for (S shape : shapes) {
            peer.run(shape, wholeNs / 2 / shapes.size());
        }
        peer.run(shapes.getLast(), wholeNs / 2);
    }

    /**
     * How long and how often.
     *
     * @param warmUp each peer's load before anything is measured; zero for none
     * @param rounds how many windows each peer gets at each shape, at least 1
     * @param window how long each is
     */
    public record Settings(Duration warmUp, int rounds, Duration window) {}
}
