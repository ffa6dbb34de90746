// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.plane;

import io.faultline.simulation.check.ReadyPages;
import io.faultline.simulation.check.Tally;
import io.faultline.simulation.engine.Chance;
import io.faultline.simulation.engine.Journal;
import io.faultline.simulation.engine.Network;
import io.faultline.simulation.engine.Timeline;
import io.faultline.simulation.message.Taps;

/**
 * What all processes of a run share, none of which a real one would. One thread.
 *
 * @param network delays, time, chance and the journal
 * @param taps where a test may put bugs
 * @param tally what happened how often
 * @param readyPages what page-ready may be said of
 * @param limits the processes' bounds
 */
public record World(Network network, Taps taps, Tally tally, ReadyPages readyPages, Limits limits) {
    /** Virtual time. */
    public Timeline timeline() {
        return network.timeline();
    }

    /** What decides. */
    public Chance chance() {
        return network.chance();
    }

    /** Where to say what happened. */
    public Journal journal() {
        return network.journal();
    }

    /** Now, in nanoseconds. */
    public long nowNs() {
        return network.timeline().nowNs();
    }

    /** The stand-in for the CRC-32C of a page's bytes. */
    public static int crcOf(long stamp) {
        return (int) Chance.mix(stamp ^ 0x5DEE_CE66DL);
    }
}
