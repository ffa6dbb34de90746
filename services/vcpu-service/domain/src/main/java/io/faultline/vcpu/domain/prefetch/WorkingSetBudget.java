// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain.prefetch;

/**
 * What the working sets of one service's VMs share: how many pages they remember together, and how fast their hints are
 * given. Owned by the thread of these VMs.
 */
/*
 * Hints are spread over time because nothing answers them: a pager queues so many and drops the others, so a working set
 * given at once would be lost for the most part. The pace is one for all VMs, since a host that starts again starts them all:
 * the first of them that asks takes what is due, and so one VM after another is served.
 */
public final class WorkingSetBudget {
    /** The highest pace. */
    public static final int PAGES_PER_S_MAX = 1_000_000;

    /** Pages that are due at once, at the beginning and after ticks that came late. */
    static final int BURST = 256;

    private static final long SECOND_NS = 1_000_000_000L;

    private final long paceNs;
    private int pagesFree;
    private boolean hasBegun;
    private long paidUntilNs;

    /**
     * A budget of which nothing is used.
     *
     * @param pagesMax pages that are remembered at most, 0 or more
     * @param pagesPerS pages a second that the hints proceed by, 1 to {@link #PAGES_PER_S_MAX}
     */
    public WorkingSetBudget(int pagesMax, int pagesPerS) {
        if (pagesMax < 0) {
            throw new IllegalArgumentException("pagesMax: " + pagesMax + " (expected: 0 or more)");
        }
        if (pagesPerS < 1 || pagesPerS > PAGES_PER_S_MAX) {
            throw new IllegalArgumentException("pagesPerS: " + pagesPerS + " (expected: 1 to " + PAGES_PER_S_MAX + ")");
        }
        this.pagesFree = pagesMax;
        this.paceNs = SECOND_NS / pagesPerS;
    }

    /** Room for so many pages more, or for as many as there is; how many that is. */
    public int claim(int pages) {
        int claimed = Math.min(pages, pagesFree);
        pagesFree -= claimed;
        return claimed;
    }

    /** Room that was claimed is free again. */
    public void release(int pages) {
        pagesFree += pages;
    }

    /** How many pages there is room for. */
    public int pagesFree() {
        return pagesFree;
    }

    /** Whether one more page is due. */
    public boolean isDue(long nowNs) {
        long earliestNs = nowNs - BURST * paceNs;
        if (!hasBegun || paidUntilNs - earliestNs < 0) {
            hasBegun = true;
            paidUntilNs = earliestNs;
        }
        return nowNs - paidUntilNs >= paceNs;
    }

    /** The page that was due is done with. */
    public void pay() {
        paidUntilNs += paceNs;
    }
}
