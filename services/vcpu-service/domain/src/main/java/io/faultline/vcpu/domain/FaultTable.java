// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import io.faultline.model.AsyncPf;
import java.util.Arrays;

/**
 * The guest frame numbers of one vCPU's works. Owned by the VM's thread. Source: {@code kvm_add_async_pf_gfn} and its
 * neighbours.
 */
/*
 * Open addressing over 64 cells, home cell hash_32(low 32 bits, 6), linear probing, and deletion by backward shift: no
 * tombstones, so a lookup never walks further than the cluster it starts in. It cannot overflow because a vCPU has at
 * most as many works as there are cells.
 */
final class FaultTable {
    private static final int CELLS = AsyncPf.WORKS_PER_VCPU;
    private static final int MASK = CELLS - 1;
    private static final int HASH_SHIFT = Integer.SIZE - Integer.numberOfTrailingZeros(CELLS);
    /** {@code GOLDEN_RATIO_32} of the kernel's hash.h. */
    private static final int GOLDEN_RATIO = 0x61C8_8647;

    private static final long EMPTY = -1;

    private final long[] cells = new long[CELLS];
    private int size;

    FaultTable() {
        clear();
    }

    /** The cell where a search for a frame number begins. */
    static int home(long gfn) {
        return ((int) gfn * GOLDEN_RATIO) >>> HASH_SHIFT;
    }

    boolean contains(long gfn) {
        return cellOf(gfn) >= 0;
    }

    /**
     * Adds a frame number.
     *
     * @throws IllegalStateException if every cell is taken
     */
    void insert(long gfn) {
        if (size == CELLS) {
            throw new IllegalStateException("fault table: " + size + " frame numbers (expected: < " + CELLS + ")");
        }
        int cell = home(gfn);
        while (cells[cell] != EMPTY) {
            cell = (cell + 1) & MASK;
        }
        cells[cell] = gfn;
        size++;
    }

    /** Removes a frame number; false if it was not there. */
    boolean remove(long gfn) {
        int hole = cellOf(gfn);
        if (hole < 0) {
            return false;
        }
        size--;
        int cell = hole;
        while (true) {
            cells[hole] = EMPTY;
            int home;
            do {
                cell = (cell + 1) & MASK;
                if (cells[cell] == EMPTY) {
                    return true;
                }
                home = home(cells[cell]);
            } while (isCyclicallyWithin(home, hole, cell));
            cells[hole] = cells[cell];
            hole = cell;
        }
    }

    void clear() {
        Arrays.fill(cells, EMPTY);
        size = 0;
    }

    int size() {
        return size;
    }

    /** The frame number in a cell, or -1. */
    long cell(int cell) {
        return cells[cell];
    }

    /** Whether an entry with this home, found in cell {@code to}, is reached without passing {@code from}. */
    private static boolean isCyclicallyWithin(int home, int from, int to) {
        return from <= to ? from < home && home <= to : from < home || home <= to;
    }

    private int cellOf(long gfn) {
        int cell = home(gfn);
        for (int probes = 0; probes < CELLS && cells[cell] != EMPTY; probes++) {
            if (cells[cell] == gfn) {
                return cell;
            }
            cell = (cell + 1) & MASK;
        }
        return -1;
    }
}
