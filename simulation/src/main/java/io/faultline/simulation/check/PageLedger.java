// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.check;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What each page of one VM must hold: a stamp that is new with every write, 0 for zeros. Knows which pages are lost for good.
 * One thread.
 */
public final class PageLedger {
    private final long vmId;
    private final Map<Long, Long> stamps = new HashMap<>();
    private final Set<Long> lost = new HashSet<>();
    /** Also those that were written since: a fault may hear late of what it waited for. */
    private final Set<Long> onceLost = new HashSet<>();

    /** A VM whose pages hold zeros. */
    public PageLedger(long vmId) {
        this.vmId = vmId;
    }

    /** A page is mapped for someone who will use its bytes. */
    public void mapped(long gfn, long stamp) {
        InvariantViolation.require(!lost.contains(gfn), Invariant.P3, page(gfn) + ", stamp " + stamp);
        long expected = stamps.getOrDefault(gfn, 0L);
        InvariantViolation.require(
                stamp == expected, Invariant.P1, page(gfn) + ", stamp " + stamp + " (expected: " + expected + ")");
    }

    /** A page was written. */
    public void wrote(long gfn, long stamp) {
        stamps.put(gfn, stamp);
    }

    /** A page was written as a whole, which makes good a lost one. */
    public void overwrote(long gfn, long stamp) {
        lost.remove(gfn);
        stamps.put(gfn, stamp);
    }

    /** A page's only copy is lost; it may be. */
    public void lose(long gfn) {
        lost.add(gfn);
        onceLost.add(gfn);
    }

    /** A fault or the host was told that a page is lost. */
    public void saidLost(long gfn, String reason) {
        InvariantViolation.require(onceLost.contains(gfn), Invariant.P2, page(gfn) + " " + reason);
    }

    /** The page's memslot is gone, and its contents with it. */
    public void forget(long gfn) {
        lost.remove(gfn);
        stamps.remove(gfn);
    }

    /** Pages that are lost now. */
    public int lostPages() {
        return lost.size();
    }

    private String page(long gfn) {
        return "vm " + vmId + " gfn " + gfn;
    }
}
