// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain.eviction;

/**
 * The oldest page leaves first: by when it came in (first in, first out), or, where a use renews a page, by its last use
 * (least recently used). Owned by the pager's thread.
 */
final class OldestFirstPolicy implements EvictionPolicy {
    private final CellLists lists;
    private final boolean isRenewedByUse;

    OldestFirstPolicy(int cells, int pools, boolean isRenewedByUse) {
        lists = new CellLists(cells, pools);
        this.isRenewedByUse = isRenewedByUse;
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
        lists.add(cell, pool);
    }

    @Override
    public void used(int cell) {
        if (isRenewedByUse) {
            lists.move(cell, lists.listOf(cell));
        }
    }

    @Override
    public void removed(int cell, int pool) {
        lists.remove(cell);
    }

    @Override
    public int victim(int pool, Evictable evictable) {
        return lists.oldestEvictable(pool, PolicyKind.REFUSALS_MAX, evictable);
    }
}
