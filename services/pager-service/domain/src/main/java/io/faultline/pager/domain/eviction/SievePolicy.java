// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain.eviction;

import java.util.Arrays;

/** SIEVE: first in, first out, except for pages used since the hand last passed. Owned by the pager's thread. */
final class SievePolicy implements EvictionPolicy {
    /*
     * One list a pool, newest page at the head. The hand walks from the tail (oldest) towards the head: a page with its
     * bit set loses the bit and stays where it is, the first without is the victim; past the head it starts again at
     * the tail. New pages come in at the head, so between two rounds the hand meets them only once it has passed all
     * older ones: pages used once leave soon, without pushing out those in use, and a scan cannot flush the tier.
     *
     * Why this one: a use costs one bit and no list operation (LRU relinks on every fetch), there is nothing to tune,
     * and it beats LRU and CLOCK on most published traces. Source: Zhang et al., "SIEVE is Simpler than LRU", NSDI '24.
     */
    private final CellLists lists;
    private final boolean[] wasUsed;
    private int[] hand;

    SievePolicy(int cells, int pools) {
        lists = new CellLists(cells, pools);
        wasUsed = new boolean[cells];
        hand = new int[pools];
        Arrays.fill(hand, NONE);
    }

    @Override
    public void opened(int pool) {
        lists.haveLists(pool + 1);
        if (pool >= hand.length) {
            int before = hand.length;
            hand = Arrays.copyOf(hand, Math.max(pool + 1, before + before / 2));
            Arrays.fill(hand, before, hand.length, NONE);
        }
    }

    @Override
    public boolean holds(int cell) {
        return lists.holds(cell);
    }

    @Override
    public void added(int cell, int pool) {
        wasUsed[cell] = false;
        lists.add(cell, pool);
    }

    @Override
    public void used(int cell) {
        wasUsed[cell] = true;
    }

    @Override
    public void removed(int cell, int pool) {
        if (hand[pool] == cell) {
            hand[pool] = lists.newer(cell);
        }
        lists.remove(cell);
    }

    @Override
    public int victim(int pool, Evictable evictable) {
        int refusals = Math.min(PolicyKind.REFUSALS_MAX, 2 * lists.size(pool));
        int pardons = PolicyKind.PARDONS_MAX;
        int cell = hand[pool];
        while (refusals > 0) {
            if (cell == NONE) {
                cell = lists.oldest(pool);
            }
            if (wasUsed[cell] && pardons > 0) {
                wasUsed[cell] = false;
                pardons--;
            } else if (evictable.test(cell)) {
                hand[pool] = lists.newer(cell);
                return cell;
            } else {
                refusals--;
            }
            cell = lists.newer(cell);
        }
        hand[pool] = cell;
        return NONE;
    }
}
