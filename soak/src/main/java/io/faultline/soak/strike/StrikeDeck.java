// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.strike;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Random;

/** Draws kinds of strikes in an order from a seed: each once before any comes again. One thread. */
final class StrikeDeck {
    private final List<StrikeKind> kinds;
    private final Random random;
    private final Deque<StrikeKind> left = new ArrayDeque<>();

    StrikeDeck(List<StrikeKind> kinds, Random random) {
        this.kinds = List.copyOf(kinds);
        this.random = random;
    }

    StrikeKind draw() {
        if (left.isEmpty()) {
            List<StrikeKind> shuffled = new ArrayList<>(kinds);
            Collections.shuffle(shuffled, random);
            left.addAll(shuffled);
        }
        return left.remove();
    }
}
