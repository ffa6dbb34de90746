// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.engine;

/** How long things take between processes. One thread. */
public final class Network {
    private static final long US = 1_000;
    private static final long MS = 1_000_000;

    private final Timeline timeline;
    private final Chance chance;
    private final Journal journal;

    /** Delays drawn from {@code chance}. */
    public Network(Timeline timeline, Chance chance, Journal journal) {
        this.timeline = timeline;
        this.chance = chance;
        this.journal = journal;
    }

    /** From a sender's turn to the receiver's: 20 to 200 us, now and then up to 20 ms. */
    public long delayNs() {
        return chance.onceIn(50) ? chance.between(MS, 20 * MS) : chance.between(20 * US, 200 * US);
    }

    /** What is left of a turn of an event loop: often nothing, else up to 30 us, in which more output may gather. */
    public long turnNs() {
        return chance.onceIn(3) ? chance.between(0, 30 * US) : 0;
    }

    /** Until an end of a stream learns that it broke: mostly soon, sometimes long after the other end. */
    public long noticeNs() {
        return chance.onceIn(4) ? chance.between(5 * MS, 80 * MS) : chance.between(10 * US, 2 * MS);
    }

    /** Virtual time. */
    public Timeline timeline() {
        return timeline;
    }

    /** What decides. */
    public Chance chance() {
        return chance;
    }

    /** Where to say what happened. */
    public Journal journal() {
        return journal;
    }
}
