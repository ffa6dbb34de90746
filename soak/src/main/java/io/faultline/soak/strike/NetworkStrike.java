// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.strike;

import io.faultline.soak.network.Direction;
import io.faultline.soak.network.Relay;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A relay whose network goes bad.
 *
 * @param kind which of the network's kinds
 * @param target what the relay is in front of
 * @param relay the relay
 * @param lasts how long
 * @param badness what is done to the relay
 */
record NetworkStrike(StrikeKind kind, String target, Relay relay, Duration lasts, Consumer<Relay> badness)
        implements Strike {
    private static final Range DELAY = new Range(5, 60);
    private static final List<Set<Direction>> SILENCES =
            List.of(EnumSet.of(Direction.TO_SERVER), EnumSet.of(Direction.TO_CLIENT), EnumSet.allOf(Direction.class));

    static NetworkStrike slow(StrikeKind kind, String target, Relay relay, Duration lasts, Random random) {
        Duration delay = DELAY.draw(random);
        return new NetworkStrike(kind, target, relay, lasts, bad -> bad.slow(delay));
    }

    static NetworkStrike cut(StrikeKind kind, String target, Relay relay, Duration lasts) {
        return new NetworkStrike(kind, target, relay, lasts, Relay::cut);
    }

    static NetworkStrike silent(StrikeKind kind, String target, Relay relay, Duration lasts, Random random) {
        Set<Direction> silence = SILENCES.get(random.nextInt(SILENCES.size()));
        return new NetworkStrike(kind, target, relay, lasts, bad -> bad.hold(silence));
    }

    @Override
    public void hit() {
        badness.accept(relay);
    }

    @Override
    public void heal() {
        relay.heal();
    }
}
