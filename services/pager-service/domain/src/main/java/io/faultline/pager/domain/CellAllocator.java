// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import io.faultline.model.PageSize;
import java.util.Arrays;

/**
 * Deals the DRAM tier's memory out in cells of the three page sizes. A cell's number is its offset in units of 4,096
 * bytes. Owned by the pager's thread.
 */
final class CellAllocator {
    /*
     * Memory is cut into chunks of 64 KiB, the largest page. A chunk is free, or belongs to one page size and is 1, 4
     * or 16 cells, whose free ones are bits of a mask. Chunks that have both free and used cells form a list a page
     * size; a chunk that empties goes back to the free ones, so sizes share the memory without a fixed split. All
     * bookkeeping is by chunk: less than one byte for each 4 KiB.
     */
    static final int UNIT_SHIFT = PageSize.SIZE_4K.shift();
    static final int CHUNK_UNITS = PageSize.SIZE_64K.bytes() >> UNIT_SHIFT;
    static final int CHUNK_BYTES = PageSize.SIZE_64K.bytes();
    static final int NONE = -1;

    /** The page sizes by their pools. */
    private static final PageSize[] SIZES = PageSize.values();

    private static final byte FREE = -1;

    private final int chunks;
    private final byte[] owner;
    private final char[] freeMask;
    private final int[] next;
    private final int[] previous;

    private final int[] partial = new int[SIZES.length];
    private final int[] ownedChunks = new int[SIZES.length];
    private final int[] freeCells = new int[SIZES.length];
    private final int[] donationHand = new int[SIZES.length];
    private final long[] weights = new long[SIZES.length];
    private int firstFreeChunk;
    private int freeChunks;

    CellAllocator(long bytes) {
        chunks = Math.toIntExact(bytes / CHUNK_BYTES);
        owner = new byte[chunks];
        freeMask = new char[chunks];
        next = new int[chunks];
        previous = new int[chunks];
        Arrays.fill(owner, FREE);
        Arrays.fill(partial, NONE);
        Arrays.fill(weights, 1);
        for (int chunk = 0; chunk < chunks; chunk++) {
            next[chunk] = chunk + 1 < chunks ? chunk + 1 : NONE;
        }
        freeChunks = chunks;
    }

    /** Cells are numbered below this. */
    int units() {
        return chunks * CHUNK_UNITS;
    }

    /** Cells of a size that can be had without taking any from a page. */
    int available(PageSize size) {
        return freeCells[pool(size)] + freeChunks * cellsIn(size);
    }

    /** Cells of a size that are free or used now. */
    int capacity(PageSize size) {
        return ownedChunks[pool(size)] * cellsIn(size);
    }

    /** Cells of a size that hold something. */
    int used(PageSize size) {
        return capacity(size) - freeCells[pool(size)];
    }

    /** A free cell, now used; {@link #NONE} if there is none of this size nor a free chunk. */
    int allocate(PageSize size) {
        int pool = pool(size);
        if (partial[pool] == NONE && !growPool(pool)) {
            return NONE;
        }
        int chunk = partial[pool];
        int index = Integer.numberOfTrailingZeros(freeMask[chunk]);
        freeMask[chunk] &= (char) ~(1 << index);
        freeCells[pool]--;
        if (freeMask[chunk] == 0) {
            unlinkPartial(chunk, pool);
        }
        return chunk * CHUNK_UNITS + index * unitsIn(size);
    }

    /** Takes a used cell back. */
    void free(int cell) {
        int chunk = cell / CHUNK_UNITS;
        int pool = owner[chunk];
        int bit = 1 << ((cell % CHUNK_UNITS) / unitsIn(SIZES[pool]));
        if ((freeMask[chunk] & bit) != 0) {
            throw new IllegalStateException("cell: " + cell + " is free already");
        }
        if (freeMask[chunk] == 0) {
            linkPartial(chunk, pool);
        }
        freeMask[chunk] |= (char) bit;
        freeCells[pool]++;
        if (freeMask[chunk] == allFree(pool)) {
            shrinkPool(chunk, pool);
        }
    }

    /** Says how much memory a size should have, relative to the others' weights; at first each has 1. */
    void weigh(PageSize size, long weight) {
        weights[pool(size)] = Math.max(1, weight);
    }

    /**
     * Whether a size has a better right to one more chunk than to reuse its own: another size, for its weight, would
     * still own as much after giving one.
     */
    boolean isShortOfChunks(PageSize size) {
        int pool = pool(size);
        int richest = richest();
        return (ownedChunks[richest] - 1) * weights[pool] >= (ownedChunks[pool] + 1) * weights[richest];
    }

    /**
     * A chunk, by its first unit, that the richest size should give up; each call names another one, in turn. Its cells
     * are every {@link #unitsIn} of that size, used where {@link #isUsed}.
     */
    int nextDonation() {
        int pool = richest();
        int chunk = donationHand[pool];
        do {
            chunk = chunk + 1 < chunks ? chunk + 1 : 0;
        } while (owner[chunk] != pool);
        donationHand[pool] = chunk;
        return chunk * CHUNK_UNITS;
    }

    /** The size of a chunk's cells, by any unit of a chunk that is not free. */
    PageSize sizeAt(int unit) {
        return SIZES[owner[unit / CHUNK_UNITS]];
    }

    /** Whether the unit is the first of a used cell. */
    boolean isUsed(int unit) {
        int chunk = unit / CHUNK_UNITS;
        if (owner[chunk] == FREE) {
            return false;
        }
        int units = unitsIn(SIZES[owner[chunk]]);
        int within = unit % CHUNK_UNITS;
        return within % units == 0 && (freeMask[chunk] & (1 << (within / units))) == 0;
    }

    /** The number, from 0, of the pool that a page size's cells make up. */
    static int pool(PageSize size) {
        return (size.shift() - UNIT_SHIFT) / 2;
    }

    static int unitsIn(PageSize size) {
        return size.bytes() >> UNIT_SHIFT;
    }

    private static int cellsIn(PageSize size) {
        return CHUNK_UNITS / unitsIn(size);
    }

    private static char allFree(int pool) {
        return (char) ((1 << cellsIn(SIZES[pool])) - 1);
    }

    private int richest() {
        int richest = 0;
        for (int pool = 1; pool < SIZES.length; pool++) {
            if (ownedChunks[pool] * weights[richest] > ownedChunks[richest] * weights[pool]) {
                richest = pool;
            }
        }
        return richest;
    }

    private boolean growPool(int pool) {
        if (freeChunks == 0) {
            return false;
        }
        int chunk = firstFreeChunk;
        firstFreeChunk = next[chunk];
        freeChunks--;
        owner[chunk] = (byte) pool;
        freeMask[chunk] = allFree(pool);
        ownedChunks[pool]++;
        freeCells[pool] += cellsIn(SIZES[pool]);
        linkPartial(chunk, pool);
        return true;
    }

    private void shrinkPool(int chunk, int pool) {
        unlinkPartial(chunk, pool);
        freeCells[pool] -= cellsIn(SIZES[pool]);
        ownedChunks[pool]--;
        owner[chunk] = FREE;
        next[chunk] = firstFreeChunk;
        firstFreeChunk = chunk;
        freeChunks++;
    }

    private void linkPartial(int chunk, int pool) {
        int head = partial[pool];
        previous[chunk] = NONE;
        next[chunk] = head;
        if (head != NONE) {
            previous[head] = chunk;
        }
        partial[pool] = chunk;
    }

    private void unlinkPartial(int chunk, int pool) {
        if (previous[chunk] == NONE) {
            partial[pool] = next[chunk];
        } else {
            next[previous[chunk]] = next[chunk];
        }
        if (next[chunk] != NONE) {
            previous[next[chunk]] = previous[chunk];
        }
    }
}
