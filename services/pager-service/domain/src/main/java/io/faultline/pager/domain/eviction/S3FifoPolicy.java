// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain.eviction;

import java.util.Arrays;

/** S3-FIFO: three queues, of which the first is small and lets go of pages used once. Owned by the pager's thread. */
final class S3FifoPolicy implements EvictionPolicy {
    /*
     * A page comes into a small queue (a tenth of the pool). Used at least twice by the time it reaches the end it goes
     * to the main queue, else it leaves, and only its identity is kept for about as long as a page stays in the main
     * queue. A page that comes back within that time goes to the main queue at once. There a page is passed as often as
     * it was used, at most three times.
     *
     * Source: Yang et al., "FIFO queues are all you need for cache eviction", SOSP '23.
     */
    private static final int SMALL = 0;
    private static final int MAIN = 1;
    private static final int QUEUES = 2;
    private static final int SMALL_DIVISOR = 10;
    private static final int USES_TO_STAY = 2;
    private static final int USES_MAX = 3;

    private final CellLists lists;
    private final byte[] uses;
    private final Ghosts ghosts;
    private int[] left;
    private final PageIdentity pages;

    S3FifoPolicy(int cells, int pools, PageIdentity pages) {
        lists = new CellLists(cells, pools * QUEUES);
        uses = new byte[cells];
        ghosts = new Ghosts(cells);
        left = new int[pools];
        this.pages = pages;
    }

    @Override
    public void opened(int pool) {
        lists.haveLists(queue(pool + 1, 0));
        if (pool >= left.length) {
            left = Arrays.copyOf(left, Math.max(pool + 1, left.length + left.length / 2));
        }
    }

    @Override
    public boolean holds(int cell) {
        return lists.holds(cell);
    }

    @Override
    public void added(int cell, int pool) {
        uses[cell] = 0;
        lists.add(cell, queue(pool, hasLeftLately(cell, pool) ? MAIN : SMALL));
    }

    private boolean hasLeftLately(int cell, int pool) {
        long ghost = ghosts.remove(pages.of(cell));
        return ghost != Ghosts.NONE && left[pool] - Ghosts.time(ghost) <= mainMax(pool);
    }

    @Override
    public void used(int cell) {
        if (uses[cell] < USES_MAX) {
            uses[cell]++;
        }
    }

    @Override
    public void removed(int cell, int pool) {
        lists.remove(cell);
    }

    @Override
    public int victim(int pool, Evictable evictable) {
        int pardons = PolicyKind.PARDONS_MAX;
        int smallTries = PolicyKind.REFUSALS_MAX;
        int mainTries = PolicyKind.REFUSALS_MAX;
        while (size(pool) > 0 && smallTries + mainTries > 0) {
            boolean fromSmall = smallTries > 0 && (isSmallFull(pool) || mainTries == 0);
            int queue = queue(pool, fromSmall ? SMALL : MAIN);
            int cell = lists.oldest(queue);
            if (cell == NONE) {
                smallTries = fromSmall ? 0 : smallTries;
                mainTries = fromSmall ? mainTries : 0;
            } else if (pardons > 0 && uses[cell] >= (fromSmall ? USES_TO_STAY : 1)) {
                uses[cell] = (byte) (fromSmall ? 0 : uses[cell] - 1);
                lists.move(cell, queue(pool, MAIN));
                pardons--;
            } else if (evictable.test(cell)) {
                if (fromSmall) {
                    left[pool]++;
                    ghosts.put(pages.of(cell), left[pool]);
                }
                return cell;
            } else {
                lists.move(cell, queue);
                smallTries -= fromSmall ? 1 : 0;
                mainTries -= fromSmall ? 0 : 1;
            }
        }
        return NONE;
    }

    private boolean isSmallFull(int pool) {
        return lists.size(queue(pool, SMALL)) >= Math.max(1, size(pool) / SMALL_DIVISOR);
    }

    private int size(int pool) {
        return lists.size(queue(pool, SMALL)) + lists.size(queue(pool, MAIN));
    }

    private int mainMax(int pool) {
        return size(pool) - size(pool) / SMALL_DIVISOR;
    }

    private static int queue(int pool, int queue) {
        return pool * QUEUES + queue;
    }
}
