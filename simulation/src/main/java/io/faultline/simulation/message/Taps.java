// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.message;

/**
 * The taps of a run, between each domain and what watches it: a bug at a tap looks as if the domain had it. All open unless
 * replaced before the run. One thread.
 */
public final class Taps {
    /** Out of the fault plane, to the notifier. */
    public Tap<Command> commandsOut = Tap.open();
    /** Into the fault plane, from the notifier. */
    public Tap<Ruling> rulingsIn = Tap.open();
    /** Out of the fault plane, to the guest. */
    public Tap<Outcome> outcomesOut = Tap.open();
    /** Out of the fault plane, to the pager. */
    public Tap<PageAsk> asksOut = Tap.open();
    /** Into the fault plane, from the pager; past the check of its checksum. */
    public Tap<PageReply> repliesIn = Tap.open();
    /** Into the notifier, from the fault plane. */
    public Tap<Command> commandsIn = Tap.open();
    /** Out of the notifier, to the fault plane. */
    public Tap<Ruling> rulingsOut = Tap.open();
    /** Into the notifier, from a guest. */
    public Tap<Call> callsIn = Tap.open();
    /** Out of the notifier, to a guest. */
    public Tap<Event> eventsOut = Tap.open();
    /** Into the pager. */
    public Tap<PageAsk> asksIn = Tap.open();
    /** Out of the pager. */
    public Tap<PageReply> repliesOut = Tap.open();
}
