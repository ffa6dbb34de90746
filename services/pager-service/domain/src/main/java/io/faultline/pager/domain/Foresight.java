// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import io.faultline.pager.domain.eviction.EvictionPolicy;
import io.faultline.pager.domain.eviction.PageIdentity;

/**
 * Reads what the next fetches will read, of all of them at once. Without effect but on how long they take. Owned by the
 * pager's thread.
 */
public final class Foresight {
    /*
     * A fetch from DRAM touches some ten places that lie anywhere in tables of megabytes, and each is a wait for memory. One
     * after the other they take longer than everything else that a fetch does. A processor waits for a dozen places
     * at a time, if the instructions that want them follow closely: so a first loop reads the index for all pages of a
     * batch, and a second one their rows.
     */
    private static final int PAGES_MAX = 64;

    private final PageTable table;
    private final EvictionPolicy policy;
    private final int[] cells = new int[PAGES_MAX];
    private final long[] identities = new long[PAGES_MAX];
    private int pages;

    @SuppressWarnings("UnusedVariable") // Written only: without it nothing would have to be read.
    private long sum;

    Foresight(PageTable table, EvictionPolicy policy) {
        this.table = table;
        this.policy = policy;
    }

    /** A {@link Pager#fetch} of that page follows; from the 65th on this is forgotten. */
    public void expect(long vmId, long gfn, long version) {
        if (pages < PAGES_MAX) {
            cells[pages] = table.guess(vmId, gfn, version);
            identities[pages] = PageIdentity.mix(vmId, gfn);
            pages++;
        }
    }

    /** All that follow just now were named. */
    public void touch() {
        long read = 0;
        for (int i = 0; i < pages; i++) {
            int cell = cells[i];
            if (cell != PageTable.NONE) {
                read += table.touch(cell) + policy.touch(cell, identities[i]);
            }
        }
        sum = read;
        pages = 0;
    }
}
