// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain.eviction;

import java.util.Arrays;

/** Doubly linked lists of cells, from newest to oldest; a cell is in one list at most. Ten bytes a cell. */
final class CellLists {
    static final int NONE = -1;

    private static final char NOWHERE = Character.MAX_VALUE;

    private final int[] newer;
    private final int[] older;
    private final char[] listOf;

    private int[] newest = {};
    private int[] oldest = {};
    private int[] size = {};

    CellLists(int cells, int lists) {
        newer = new int[cells];
        older = new int[cells];
        listOf = new char[cells];
        Arrays.fill(listOf, NOWHERE);
        haveLists(lists);
    }

    /** Makes lists, so that there are at least so many: they are numbered from 0. */
    void haveLists(int lists) {
        int before = size.length;
        if (lists > before) {
            int after = Math.max(lists, before + before / 2);
            newest = Arrays.copyOf(newest, after);
            oldest = Arrays.copyOf(oldest, after);
            size = Arrays.copyOf(size, after);
            Arrays.fill(newest, before, after, NONE);
            Arrays.fill(oldest, before, after, NONE);
        }
    }

    /** Whether a cell is in a list. */
    boolean holds(int cell) {
        return listOf[cell] != NOWHERE;
    }

    /** The list a cell is in. */
    int listOf(int cell) {
        return listOf[cell];
    }

    int size(int list) {
        return size[list];
    }

    /** The cell that came into a list first; {@link #NONE} if it is empty. */
    int oldest(int list) {
        return oldest[list];
    }

    /** The cell that came into the same list just after a cell; {@link #NONE} after the newest. */
    int newer(int cell) {
        return newer[cell];
    }

    void add(int cell, int list) {
        int second = newest[list];
        newer[cell] = NONE;
        older[cell] = second;
        if (second == NONE) {
            oldest[list] = cell;
        } else {
            newer[second] = cell;
        }
        newest[list] = cell;
        listOf[cell] = (char) list;
        size[list]++;
    }

    void remove(int cell) {
        int list = listOf[cell];
        int after = newer[cell];
        int before = older[cell];
        if (after == NONE) {
            newest[list] = before;
        } else {
            older[after] = before;
        }
        if (before == NONE) {
            oldest[list] = after;
        } else {
            newer[before] = after;
        }
        listOf[cell] = NOWHERE;
        size[list]--;
    }

    /** Reads what a {@link #move} will change: the sum means nothing. */
    long touch(int cell) {
        int after = newer[cell];
        int before = older[cell];
        return (long) listOf[cell] + (after == NONE ? 0 : older[after]) + (before == NONE ? 0 : newer[before]);
    }

    /** Makes a cell the newest of a list, whichever it was in. */
    void move(int cell, int list) {
        remove(cell);
        add(cell, list);
    }

    /**
     * The oldest cell of a list that may leave; {@link #NONE} if there is none among so many. A cell that may not is in
     * use just now: it becomes the newest.
     */
    int oldestEvictable(int list, int refusalsMax, EvictionPolicy.Evictable evictable) {
        for (int refusals = Math.min(refusalsMax, size[list]); refusals > 0; refusals--) {
            int cell = oldest[list];
            if (evictable.test(cell)) {
                return cell;
            }
            move(cell, list);
        }
        return NONE;
    }
}
