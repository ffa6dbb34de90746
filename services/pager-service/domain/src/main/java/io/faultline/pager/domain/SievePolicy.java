// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import java.util.Arrays;

/** SIEVE: first in, first out, except for pages used since the hand last passed. Owned by the pager's thread. */
public final class SievePolicy implements EvictionPolicy {
    /*
     * One list a pool, newest page at the head. The hand walks from the tail (oldest) towards the head: a page with its
     * bit set loses the bit and stays where it is, the first without is the victim; past the head it starts again at
     * the tail. New pages come in at the head, so between two rounds the hand meets them only once it has passed all
     * older ones: pages used once leave soon, without pushing out those in use, and a scan cannot flush the tier.
     *
     * Why this one: a use costs one bit and no list operation (LRU relinks on every fetch), there is nothing to tune,
     * and it beats LRU and CLOCK on most published traces. Source: Zhang et al., "SIEVE is Simpler than LRU", NSDI '24.
     */
    private static final int NONE = -1;
    /** Pages that may not leave, which the hand passes before it gives up. */
    private static final int REFUSALS_MAX = 1024;
    /** Used pages that the hand passes before it takes the next one all the same: what bounds a call's time. */
    private static final int PARDONS_MAX = 4096;

    private final int[] newer;
    private final int[] older;
    private final boolean[] wasUsed;

    private final int[] newest;
    private final int[] oldest;
    private final int[] hand;
    private final int[] size;

    /** A policy for cells 0 to {@code cells - 1} in so many pools. */
    public SievePolicy(int cells, int pools) {
        newer = new int[cells];
        older = new int[cells];
        wasUsed = new boolean[cells];
        newest = filled(pools);
        oldest = filled(pools);
        hand = filled(pools);
        size = new int[pools];
    }

    private static int[] filled(int length) {
        int[] array = new int[length];
        Arrays.fill(array, NONE);
        return array;
    }

    @Override
    public void added(int cell, int pool) {
        wasUsed[cell] = false;
        newer[cell] = NONE;
        older[cell] = newest[pool];
        if (newest[pool] == NONE) {
            oldest[pool] = cell;
        } else {
            newer[newest[pool]] = cell;
        }
        newest[pool] = cell;
        size[pool]++;
    }

    @Override
    public void used(int cell) {
        wasUsed[cell] = true;
    }

    @Override
    public void removed(int cell, int pool) {
        if (hand[pool] == cell) {
            hand[pool] = newer[cell];
        }
        if (newer[cell] == NONE) {
            newest[pool] = older[cell];
        } else {
            older[newer[cell]] = older[cell];
        }
        if (older[cell] == NONE) {
            oldest[pool] = newer[cell];
        } else {
            newer[older[cell]] = newer[cell];
        }
        size[pool]--;
    }

    @Override
    public int victim(int pool, Evictable evictable) {
        int refusals = Math.min(REFUSALS_MAX, size[pool]);
        int pardons = PARDONS_MAX;
        int cell = hand[pool];
        while (refusals > 0) {
            if (cell == NONE) {
                cell = oldest[pool];
            }
            if (wasUsed[cell] && pardons > 0) {
                wasUsed[cell] = false;
                pardons--;
            } else if (evictable.test(cell)) {
                hand[pool] = newer[cell];
                return cell;
            } else {
                refusals--;
            }
            cell = newer[cell];
        }
        hand[pool] = cell;
        return NONE;
    }
}
