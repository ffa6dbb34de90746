// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain.eviction;

import java.util.Arrays;

/** W-TinyLFU: a page must be used more often than the one it would push out. Owned by the pager's thread. */
final class TinyLfuPolicy implements EvictionPolicy {
    /*
     * A page comes into a window (least recently used leaves). From there it goes on probation in the main part only if
     * it was used more often lately, by a sketch that also knows pages that have left, than the main part's own next
     * victim; the less frequent of the two leaves. A page used while on probation becomes protected; four fifths of the
     * main part may be.
     *
     * How large the window should be depends on whether the guest's faults follow recency (large) or frequency (small),
     * so it climbs: after so many references the share of hits says whether the last change was good, and the next goes
     * the same way or back. Its steps shrink, and begin anew when the share of hits changes much.
     *
     * A tier that evicts ahead of demand asks for many victims at a time, after as many pages have come. Each of them has
     * to stand its comparison, so the window keeps one page more for each that has come and whose victim is still to be
     * asked for.
     *
     * Source: Einziger, Eytan, Friedman and Manes, "Adaptive Software Cache Management", Middleware '18.
     */
    private static final int WINDOW = 0;
    private static final int PROBATION = 1;
    private static final int PROTECTED = 2;
    private static final int PARTS = 3;

    private static final double WINDOW_FIRST = 0.01;
    private static final double WINDOW_LARGEST = 0.80;
    private static final double PROTECTED_SHARE = 0.80;
    /** A tier frees a thirty-second part of its memory at a time, at most. */
    private static final int BURST_DIVISOR = 32;

    private final CellLists lists;
    private final FrequencySketch sketch;
    private WindowClimber[] climbers;
    /** Of each pool, the pages that have come since it was smallest, up to what a tier evicts at a time; 0 until it is full. */
    private int[] grown;

    private boolean[] wasFull;
    private final PageIdentity pages;

    TinyLfuPolicy(int cells, int pools, PageIdentity pages) {
        lists = new CellLists(cells, pools * PARTS);
        sketch = new FrequencySketch(cells);
        grown = new int[pools];
        wasFull = new boolean[pools];
        climbers = new WindowClimber[pools];
        this.pages = pages;
        for (int pool = 0; pool < pools; pool++) {
            opened(pool);
        }
    }

    @Override
    public void opened(int pool) {
        lists.haveLists(part(pool + 1, 0));
        if (pool >= climbers.length) {
            int pools = Math.max(pool + 1, climbers.length + climbers.length / 2);
            climbers = Arrays.copyOf(climbers, pools);
            grown = Arrays.copyOf(grown, pools);
            wasFull = Arrays.copyOf(wasFull, pools);
        }
        climbers[pool] = new WindowClimber(WINDOW_FIRST, WINDOW_LARGEST);
        grown[pool] = 0;
        wasFull[pool] = false;
    }

    @Override
    public boolean holds(int cell) {
        return lists.holds(cell);
    }

    @Override
    public void added(int cell, int pool) {
        sketch.count(pages.of(cell));
        lists.add(cell, part(pool, WINDOW));
        if (wasFull[pool] && grown[pool] <= size(pool) / BURST_DIVISOR) {
            grown[pool]++;
        }
        climbers[pool].miss(size(pool));
    }

    @Override
    public void used(int cell) {
        sketch.count(pages.of(cell));
        int part = lists.listOf(cell);
        int pool = part / PARTS;
        lists.move(cell, part == part(pool, PROBATION) ? part(pool, PROTECTED) : part);
        climbers[pool].hit(size(pool));
    }

    @Override
    public long touch(int cell, long identity) {
        return sketch.touch(identity) + lists.touch(cell);
    }

    @Override
    public void removed(int cell, int pool) {
        lists.remove(cell);
        grown[pool] = Math.max(0, grown[pool] - 1);
    }

    @Override
    public int victim(int pool, Evictable evictable) {
        climbers[pool].poolFull();
        wasFull[pool] = true;
        int windowMax = Math.max(1, (int) (climbers[pool].share() * size(pool)));
        int protectedMax = (int) (PROTECTED_SHARE * (size(pool) - windowMax));
        demote(part(pool, PROTECTED), protectedMax, part(pool, PROBATION));
        int challenger = NONE;
        int moves = PolicyKind.PARDONS_MAX;
        int windowKept = windowMax + Math.max(0, grown[pool] - 1);
        while (lists.size(part(pool, WINDOW)) >= windowKept && moves-- > 0) {
            challenger = lists.oldest(part(pool, WINDOW));
            lists.move(challenger, part(pool, PROBATION));
        }
        int incumbent = lists.oldestEvictable(part(pool, PROBATION), PolicyKind.REFUSALS_MAX, evictable);
        if (incumbent == NONE) {
            incumbent = lists.oldestEvictable(part(pool, PROTECTED), PolicyKind.REFUSALS_MAX, evictable);
        }
        if (incumbent == NONE) {
            return lists.oldestEvictable(part(pool, WINDOW), PolicyKind.REFUSALS_MAX, evictable);
        }
        return challenger == NONE || !evictable.test(challenger) || wins(challenger, incumbent)
                ? incumbent
                : challenger;
    }

    private void demote(int from, int sizeMax, int to) {
        for (int moves = PolicyKind.PARDONS_MAX; lists.size(from) > sizeMax && moves > 0; moves--) {
            lists.move(lists.oldest(from), to);
        }
    }

    private boolean wins(int challenger, int incumbent) {
        return sketch.frequency(pages.of(challenger)) > sketch.frequency(pages.of(incumbent));
    }

    private int size(int pool) {
        return lists.size(part(pool, WINDOW)) + lists.size(part(pool, PROBATION)) + lists.size(part(pool, PROTECTED));
    }

    private static int part(int pool, int part) {
        return pool * PARTS + part;
    }
}
