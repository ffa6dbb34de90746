// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain.eviction;

/** First in, first out: the page that came in first leaves first, used or not. Owned by the pager's thread. */
final class FifoPolicy implements EvictionPolicy {
    private final CellLists lists;

    FifoPolicy(int cells, int pools) {
        lists = new CellLists(cells, pools);
    }

    @Override
    public void added(int cell, int pool) {
        lists.add(cell, pool);
    }

    @Override
    public void used(int cell) {}

    @Override
    public void removed(int cell, int pool) {
        lists.remove(cell);
    }

    @Override
    public int victim(int pool, Evictable evictable) {
        return lists.oldestEvictable(pool, PolicyKind.REFUSALS_MAX, evictable);
    }
}
