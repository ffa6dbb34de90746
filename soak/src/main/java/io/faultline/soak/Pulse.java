// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak;

import io.faultline.loadtest.replay.ReplayProgress;
import org.jspecify.annotations.Nullable;

/** How far one guest is. Told by its replay's loop, of one replay at a time; asked by any thread. */
final class Pulse implements ReplayProgress {
    /** What was reached when. */
    record Beat(Phase phase, long done, long total, long atNs) {}

    private volatile @Nullable Beat last;
    private volatile long longestStandstillNs;

    @Override
    public void reached(Phase phase, long done, long total) {
        Beat before = last;
        if (before != null && before.phase() == phase && before.done() == done) {
            return;
        }
        Beat now = new Beat(phase, done, total, System.nanoTime());
        if (before != null && before.phase() == Phase.REPLAY && phase == Phase.REPLAY && done > before.done()) {
            longestStandstillNs = Math.max(longestStandstillNs, now.atNs() - before.atNs());
        }
        last = now;
    }

    /** What it reached last; null before anything. */
    @Nullable
    Beat last() {
        return last;
    }

    /** Whether it replays. */
    boolean isReplaying() {
        Beat beat = last;
        return beat != null && beat.phase() == Phase.REPLAY;
    }

    /** The longest time between two of its faults' ends, in nanoseconds. */
    long longestStandstillNs() {
        return longestStandstillNs;
    }
}
