// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace.info;

import java.util.Arrays;

/**
 * When each page was last referenced: tells, for every reference to a page, when the last one was and how many other pages were
 * referenced since. Exact as long as there are few pages; beyond, a sample of them. Not thread-safe.
 */
final class PageHistory {
    /*
     * Each page that is known has a position, which is higher the later its last reference was; a Fenwick tree counts the
     * positions that are taken, so the reuse distance is the number of those above a page's own. Used up positions are won
     * back by numbering the pages anew in their order.
     *
     * When there are more pages than may be known, half of them are forgotten, by one more bit of their hash, and from then
     * on no reference to such a page counts: spatially hashed sampling of a fixed size (SHARDS: Waldspurger, Park,
     * Garthwaite, Ahmad, FAST 2015), with the rate going by powers of two. A distance in the sample is that share of the
     * real one.
     */

    /** What {@link #reference} says of a page that is not in the sample. */
    static final int NOT_SAMPLED = -2;

    /** What {@link #reference} says of a page that was not referenced before. */
    static final int FIRST = -1;

    private static final int CAPACITY_FIRST = 1 << 12;

    private final int pagesMax;
    private int halvings;
    private int size;

    /** Cells, a power of two at least twice the size, found by the page's hash; a free one has position -1. */
    private long[] pages;

    private int[] positions;
    private long[] times;

    /** By position: the cell, or -1. As many positions as cells. */
    private int[] cells;

    private int[] tree;
    private int nextPosition;
    private long previousTime;

    /**
     * An empty history.
     *
     * @param pagesMax how many pages may be known at once, at least 1
     */
    PageHistory(int pagesMax) {
        this.pagesMax = pagesMax;
        pages = new long[CAPACITY_FIRST];
        positions = new int[CAPACITY_FIRST];
        times = new long[CAPACITY_FIRST];
        cells = new int[CAPACITY_FIRST];
        tree = new int[CAPACITY_FIRST + 1];
        Arrays.fill(positions, -1);
        Arrays.fill(cells, -1);
    }

    /**
     * A reference to a page; its reuse distance in the sample, {@link #FIRST} or {@link #NOT_SAMPLED}.
     *
     * @param time when; {@link #previousTime} then says when the last reference was
     */
    int reference(long page, long time) {
        long hash = hash(page);
        if (!isSampled(hash)) {
            return NOT_SAMPLED;
        }
        if (nextPosition == cells.length) {
            renumber(size * 2 > cells.length / 2 ? cells.length * 2 : cells.length);
        }
        int cell = cell(page, hash);
        int distance = FIRST;
        if (positions[cell] >= 0) {
            int position = positions[cell];
            previousTime = times[cell];
            distance = size - taken(position);
            add(position, -1);
            cells[position] = -1;
        } else {
            size++;
            pages[cell] = page;
        }
        positions[cell] = nextPosition;
        times[cell] = time;
        cells[nextPosition] = cell;
        add(nextPosition, 1);
        nextPosition++;
        while (size > pagesMax) {
            halvings++;
            renumber(cells.length);
        }
        return distance;
    }

    /** When the page of the last reference was referenced before. */
    long previousTime() {
        return previousTime;
    }

    /** How many pages are known. */
    int size() {
        return size;
    }

    /** How often the sample was halved: 0 for exact. */
    int halvings() {
        return halvings;
    }

    private boolean isSampled(long hash) {
        return halvings == 0 || hash >>> (Long.SIZE - halvings) == 0;
    }

    /** The page's cell, or the free one that it would get. */
    private int cell(long page, long hash) {
        int mask = pages.length - 1;
        int cell = (int) hash & mask;
        while (positions[cell] >= 0 && pages[cell] != page) {
            cell = (cell + 1) & mask;
        }
        return cell;
    }

    /** Numbers the pages anew in their order, in so many cells, and forgets those that are no longer sampled. */
    private void renumber(int capacity) {
        long[] oldPages = pages;
        long[] oldTimes = times;
        int[] oldCells = cells;
        int end = nextPosition;
        pages = new long[capacity];
        times = new long[capacity];
        positions = new int[capacity];
        cells = new int[capacity];
        tree = new int[capacity + 1];
        Arrays.fill(positions, -1);
        Arrays.fill(cells, -1);
        nextPosition = 0;
        for (int position = 0; position < end; position++) {
            int old = oldCells[position];
            long hash = old < 0 ? 0 : hash(oldPages[old]);
            if (old >= 0 && isSampled(hash)) {
                int cell = cell(oldPages[old], hash);
                pages[cell] = oldPages[old];
                times[cell] = oldTimes[old];
                positions[cell] = nextPosition;
                cells[nextPosition++] = cell;
            }
        }
        size = nextPosition;
        for (int i = 1; i <= capacity; i++) {
            tree[i] += i <= size ? 1 : 0;
            int parent = i + (i & -i);
            if (parent <= capacity) {
                tree[parent] += tree[i];
            }
        }
    }

    /** How many positions up to and with this one are taken. */
    private int taken(int position) {
        int sum = 0;
        for (int i = position + 1; i > 0; i -= i & -i) {
            sum += tree[i];
        }
        return sum;
    }

    private void add(int position, int delta) {
        for (int i = position + 1; i < tree.length; i += i & -i) {
            tree[i] += delta;
        }
    }

    /** SplitMix64's mixer: a bijection, so two pages never share a hash. */
    private static long hash(long page) {
        long mixed = (page ^ (page >>> 30)) * 0xBF58_476D_1CE4_E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D0_49BB_1331_11EBL;
        return mixed ^ (mixed >>> 31);
    }
}
