// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain.eviction;

import java.util.Arrays;

/** Doubly linked lists of cells, from newest to oldest; a cell is in one list at most. Nine bytes a cell. */
final class CellLists {
    static final int NONE = -1;

    private static final byte NOWHERE = -1;

    private final int[] newer;
    private final int[] older;
    private final byte[] listOf;

    private final int[] newest;
    private final int[] oldest;
    private final int[] size;

    CellLists(int cells, int lists) {
        newer = new int[cells];
        older = new int[cells];
        listOf = new byte[cells];
        Arrays.fill(listOf, NOWHERE);
        newest = new int[lists];
        oldest = new int[lists];
        size = new int[lists];
        Arrays.fill(newest, NONE);
        Arrays.fill(oldest, NONE);
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
        listOf[cell] = (byte) list;
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
