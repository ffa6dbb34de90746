// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.check;

/**
 * What the simulation checks. I1 to I46 are the protocol's, by their numbers; the others are what the platform adds to it:
 * E for epochs, F for faults, P for pages, H for the host's accesses, L for what must have come true at the end.
 */
public enum Invariant {
    I1("a token is never 0"),
    I2("a fault's token is never the wake-all value"),
    I3("a token is unique among the VM's outstanding ones"),
    I4("a token's low 12 bits are its vCPU's id"),
    I5("a fault goes asynchronous if, and only if, nothing stands in its way"),
    I6("a vCPU has at most 64 works"),
    I7("a prefault never goes asynchronous"),
    I8("a vCPU has one work for a page"),
    I9("a vCPU has one unacknowledged notification"),
    I10("a notification's area holds its reason and its token"),
    I11("a completion never precedes its publication"),
    I13("page-not-present is delivered only while it is pending"),
    I15("what was delivered is never cancelled"),
    I17("page-ready is said only of what the guest was told, and to wake all"),
    I18("a page is mapped before it is said to be ready"),
    I19("page-readies come in the order of completion"),
    I20("the next page-ready waits for the area and the acknowledgement"),
    I24("a token ends once"),
    I26("what can be told is told: no completion is forgotten"),
    I28("enabling is always followed by a wake-all"),
    I30("a VM that has ended says nothing more"),
    I33("hypercalls answer with the protocol's values"),
    I34("SDEI calls answer by the handler's state"),
    I35("an event is dispatched only to an enabled, idle handler of an unmasked PE"),
    I37("a pending event is dispatched as soon as it can be"),
    E1("a message of an old epoch has no effect"),
    F1("a fault has exactly one terminal outcome"),
    F2("a fault's access is carried out once, before the outcome that says so"),
    P1("a mapped page holds what was last written to it"),
    P2("no page is lost or corrupt unless the store harmed it"),
    P3("a page that was lost is not mapped again"),
    P4("one load of a page at a time, however many ask"),
    P5("a hint names a page that the store has"),
    P6("a page is hinted once until it is wanted"),
    H1("a host access has exactly one answer"),
    L1("every fault has ended"),
    L2("no task is parked for ever"),
    L3("nothing is left behind: no work, request, cell or page"),
    L4("asynchronous faults can be had again"),
    L5("the run comes to rest");

    private final String sentence;

    Invariant(String sentence) {
        this.sentence = sentence;
    }

    /** The invariant in words. */
    public String sentence() {
        return sentence;
    }
}
