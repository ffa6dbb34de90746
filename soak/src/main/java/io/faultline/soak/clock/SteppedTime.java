// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.clock;

import java.time.Instant;

/**
 * The wall time of a process whose clock is stepped: what its rewritten classes ask. The boot loader's, since the JDK's classes are
 * among them. Any thread.
 */
public final class SteppedTime {
    private static volatile long stepMs;

    private SteppedTime() {}

    /** Puts the clock so far ahead of the machine's, in milliseconds; behind it where negative. */
    public static void step(long ms) {
        stepMs = ms;
    }

    /** As {@link System#currentTimeMillis}. */
    public static long currentTimeMillis() {
        return System.currentTimeMillis() + stepMs;
    }

    /** The instant that the machine's clock gave, as the stepped one gives it. */
    public static Instant of(Instant machine) {
        return machine.plusMillis(stepMs);
    }
}
