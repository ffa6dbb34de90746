// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain.eviction;

import java.util.Arrays;

/** LIRS: pages are kept by the distance between their last two uses. Owned by the pager's thread. */
final class LirsPolicy implements EvictionPolicy {
    /*
     * Nearly all of a pool are "low" pages, whose last two uses were near each other; one page in a hundred, at least
     * one, is "high". Victims are high pages, the first that became high first. A page proves to be low when it is used
     * again sooner than the low page that has waited longest: it takes that one's place, which becomes high. This works
     * for a page that has left meanwhile, too, since its last use is remembered.
     *
     * The paper keeps a stack of low, high and departed pages and prunes its bottom. That a page is in the stack means
     * no more than that its last use came after the bottom's; with the time of each last use (a count of uses that may
     * wrap) the low pages in the order of their uses are all of the stack that needs links.
     *
     * Source: Jiang and Zhang, "LIRS: An Efficient Low Inter-reference Recency Set Replacement Policy", SIGMETRICS '02.
     */
    private static final int LOW = 0;
    private static final int HIGH = 1;
    private static final int LISTS = 2;
    private static final int HIGH_DIVISOR = 100;

    private final CellLists lists;
    private final int[] lastUse;
    private final Ghosts ghosts;
    private boolean[] wasFull;
    private final PageIdentity pages;
    private int now;

    LirsPolicy(int cells, int pools, PageIdentity pages) {
        lists = new CellLists(cells, pools * LISTS);
        lastUse = new int[cells];
        ghosts = new Ghosts(2 * cells);
        wasFull = new boolean[pools];
        this.pages = pages;
    }

    @Override
    public void opened(int pool) {
        lists.haveLists(list(pool + 1, 0));
        if (pool >= wasFull.length) {
            wasFull = Arrays.copyOf(wasFull, Math.max(pool + 1, wasFull.length + wasFull.length / 2));
        }
        wasFull[pool] = false;
    }

    @Override
    public boolean holds(int cell) {
        return lists.holds(cell);
    }

    @Override
    public void added(int cell, int pool) {
        long ghost = ghosts.remove(pages.of(cell));
        boolean isLow = !wasFull[pool] || (ghost != Ghosts.NONE && isNearerThanLowest(Ghosts.time(ghost), pool));
        lastUse[cell] = ++now;
        lists.add(cell, list(pool, isLow ? LOW : HIGH));
        if (isLow && wasFull[pool]) {
            trimLow(pool);
        }
    }

    @Override
    public void used(int cell) {
        int list = lists.listOf(cell);
        int pool = list / LISTS;
        boolean proves = list % LISTS == HIGH && isNearerThanLowest(lastUse[cell], pool);
        lastUse[cell] = ++now;
        lists.move(cell, proves ? list(pool, LOW) : list);
        if (proves) {
            trimLow(pool);
        }
    }

    @Override
    public void removed(int cell, int pool) {
        lists.remove(cell);
    }

    @Override
    public int victim(int pool, Evictable evictable) {
        wasFull[pool] = true;
        trimLow(pool);
        int victim = lists.oldestEvictable(list(pool, HIGH), PolicyKind.REFUSALS_MAX, evictable);
        if (victim == NONE) {
            victim = lists.oldestEvictable(list(pool, LOW), PolicyKind.REFUSALS_MAX, evictable);
        }
        if (victim != NONE) {
            ghosts.put(pages.of(victim), lastUse[victim]);
        }
        return victim;
    }

    private boolean isNearerThanLowest(int lastUse, int pool) {
        int lowest = lists.oldest(list(pool, LOW));
        return lowest == NONE || lastUse - this.lastUse[lowest] > 0;
    }

    /** Makes low pages high until enough are, some at a time. */
    private void trimLow(int pool) {
        int low = list(pool, LOW);
        int high = list(pool, HIGH);
        int highMin = Math.max(1, (lists.size(low) + lists.size(high)) / HIGH_DIVISOR);
        for (int moves = PolicyKind.PARDONS_MAX;
                lists.size(high) < highMin && lists.size(low) > 0 && moves > 0;
                moves--) {
            lists.move(lists.oldest(low), high);
        }
    }

    private static int list(int pool, int list) {
        return pool * LISTS + list;
    }
}
