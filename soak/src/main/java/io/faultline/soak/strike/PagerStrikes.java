// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.strike;

import java.util.List;
import java.util.Random;

/** Strikes against the pagers and the network in front of them. One thread. */
public final class PagerStrikes implements Strikes {
    private static final Range STALL = new Range(200, 4_000);
    private static final Range ABSENCE = new Range(0, 2_000);
    private static final Range BAD_NETWORK = new Range(500, 4_000);

    private final List<? extends PagerTarget> pagers;
    private final Random random;
    private final StrikeDeck deck;

    /** Strikes against these, in an order from a seed. */
    public PagerStrikes(List<? extends PagerTarget> pagers, long seed) {
        this.pagers = List.copyOf(pagers);
        random = new Random(seed);
        deck = new StrikeDeck(
                List.of(
                        StrikeKind.PAGER_KILLED,
                        StrikeKind.PAGER_STALLED,
                        StrikeKind.PAGER_NETWORK_SLOW,
                        StrikeKind.PAGER_NETWORK_CUT,
                        StrikeKind.PAGER_NETWORK_SILENT),
                random);
    }

    @Override
    public Strike next() {
        PagerTarget pager = pagers.get(random.nextInt(pagers.size()));
        StrikeKind kind = deck.draw();
        return switch (kind) {
            case PAGER_KILLED ->
                new ProcessStrike(kind, pager.name(), ABSENCE.draw(random), pager::kill, pager::restart);
            case PAGER_STALLED -> new ProcessStrike(kind, pager.name(), STALL.draw(random), pager::freeze, pager::thaw);
            case PAGER_NETWORK_SLOW ->
                NetworkStrike.slow(kind, pager.name(), pager.relay(), BAD_NETWORK.draw(random), random);
            case PAGER_NETWORK_CUT -> NetworkStrike.cut(kind, pager.name(), pager.relay(), BAD_NETWORK.draw(random));
            case PAGER_NETWORK_SILENT ->
                NetworkStrike.silent(kind, pager.name(), pager.relay(), BAD_NETWORK.draw(random), random);
            case MASTER_KILLED, MASTER_STALLED, MASTER_NETWORK_SLOW, MASTER_NETWORK_CUT, MASTER_NETWORK_SILENT ->
                throw new IllegalStateException("strike: " + kind + " (expected: one against a pager)");
        };
    }
}
