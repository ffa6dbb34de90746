// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.telemetry.trace;

import java.security.SecureRandom;
import java.util.SplittableRandom;

/** Draws ids of traces and spans, without allocation. For one thread. */
public final class SpanIds {
    private final SplittableRandom random;

    private SpanIds(long seed) {
        random = new SplittableRandom(seed);
    }

    /** Ids that no other process draws, as far as chance goes. */
    public static SpanIds unique() {
        return new SpanIds(new SecureRandom().nextLong());
    }

    /** The next id: of a span, or half of a trace's. Never 0. */
    public long next() {
        long id;
        do {
            id = random.nextLong();
        } while (id == 0);
        return id;
    }
}
