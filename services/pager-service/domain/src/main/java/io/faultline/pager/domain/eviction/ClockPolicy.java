// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain.eviction;

/**
 * CLOCK: first in, first out, but a page used since it came in is passed once. Costs a use one bit, where LRU relinks.
 * Owned by the pager's thread.
 */
final class ClockPolicy implements EvictionPolicy {
    private final CellLists lists;
    private final boolean[] wasUsed;

    ClockPolicy(int cells, int pools) {
        lists = new CellLists(cells, pools);
        wasUsed = new boolean[cells];
    }

    @Override
    public void opened(int pool) {
        lists.haveLists(pool + 1);
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
        lists.remove(cell);
    }

    @Override
    public int victim(int pool, Evictable evictable) {
        int pardons = Math.min(PolicyKind.PARDONS_MAX, lists.size(pool));
        while (pardons > 0 && wasUsed[lists.oldest(pool)]) {
            int cell = lists.oldest(pool);
            wasUsed[cell] = false;
            lists.move(cell, pool);
            pardons--;
        }
        return lists.oldestEvictable(pool, PolicyKind.REFUSALS_MAX, evictable);
    }
}
