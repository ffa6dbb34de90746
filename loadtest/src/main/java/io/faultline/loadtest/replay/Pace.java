// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.replay;

/**
 * Lets at most so many faults a second pass, as a guest that computes between its accesses would. Time that nobody used
 * is not made up for. One thread.
 */
final class Pace {
    private static final long NS_PER_S = 1_000_000_000L;

    private final long intervalNs;
    private boolean hasBegun;
    private long nextNs;

    /** At most so many a second; 0 for no bound. */
    Pace(int perSMax) {
        intervalNs = perSMax == 0 ? 0 : NS_PER_S / perSMax;
    }

    /** A fault wants to pass; returns for how long it has to wait, in nanoseconds. */
    long waitNs(long nowNs) {
        if (intervalNs == 0) {
            return 0;
        }
        long waitNs = hasBegun ? Math.max(0, nextNs - nowNs) : 0;
        hasBegun = true;
        nextNs = nowNs + waitNs + intervalNs;
        return waitNs;
    }
}
