// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import io.faultline.model.PageSize;
import io.faultline.pager.domain.eviction.EvictionPolicy;
import io.faultline.pager.domain.eviction.PageIdentity;
import io.faultline.pager.domain.eviction.PolicyKind;

/**
 * The compressed tier: pages that left DRAM and shrank, found by name. A page in it is not in DRAM; all of them are in
 * the swap store too. Owned by the pager's thread.
 */
public final class CompressedTier {
    /*
     * A page has a row and a chain of blocks; one whose words are all equal has its word instead of a chain. A row is
     * reserved, with blocks for the longest deflation that would be kept, before the page's bytes are deflated, so
     * that they can be written where they stay; kept once the deflation's length is known; taken while its page is
     * being inflated; and free again. Only kept rows are found by name and can be evicted.
     *
     * A page that is fetched goes back to DRAM and leaves the tier, so what has been here longest is what was fetched
     * least recently: that goes first.
     */
    /** The size of a block. */
    public static final int BLOCK_BYTES = BlockChains.BLOCK_BYTES;

    static final int NONE = PageNames.NONE;

    /** A deflation is kept if it saves a quarter of the page: below that, inflating costs more than the room is worth. */
    private static final int KEPT_QUARTERS = 3;
    /** There is a row for each so many bytes of the cap: pages of 4 KiB may shrink to a quarter before rows run out. */
    private static final int BYTES_A_ROW = 1024;

    private static final int POOL = 0;

    private static final int LENGTH_BITS = 20;
    private static final int LENGTH_MASK = (1 << LENGTH_BITS) - 1;
    private static final int SIZE_MASK = 3;
    private static final int KEPT = 1 << 22;
    private static final int SAME_FILLED = 1 << 23;

    private static final PageSize[] SIZES = PageSize.values();

    private final PageNames names;
    private final BlockChains blocks;
    private final EvictionPolicy order;
    private final VmCounters counters;
    private final int[] checksums;
    /** A row's first block, the word its page is filled with, or the next free row. */
    private final long[] places;
    /** A row's length in bytes, its page's size, and whether it is kept and same-filled. */
    private final int[] shapes;

    private int firstFree;

    CompressedTier(long bytesMax, VmCounters counters) {
        int rows = Math.toIntExact(bytesMax / BYTES_A_ROW);
        names = new PageNames(rows);
        blocks = new BlockChains(Math.toIntExact(bytesMax / BlockChains.BLOCK_BYTES));
        order = PolicyKind.LRU.create(rows, 1, row -> PageIdentity.mix(names.vmId(row), names.gfn(row)));
        checksums = new int[rows];
        places = new long[rows];
        shapes = new int[rows];
        for (int row = 0; row < rows; row++) {
            places[row] = row + 1 < rows ? row + 1 : NONE;
        }
        firstFree = rows == 0 ? NONE : 0;
        this.counters = counters;
    }

    /** Whether there is such a tier. */
    boolean isOn() {
        return rows() > 0;
    }

    /** Rows are numbered below this. */
    int rows() {
        return shapes.length;
    }

    /** The longest deflation of a page that is kept, in bytes. */
    static int lengthMax(PageSize size) {
        return size.bytes() / 4 * KEPT_QUARTERS;
    }

    /** The row of a page that is kept; {@link #NONE} if it has none. */
    int find(long vmId, long gfn, long version) {
        return isOn() ? names.find(vmId, gfn, version) : NONE;
    }

    /** A row for a page that is about to be deflated; older pages leave for it. {@link #NONE} if that does not help. */
    int reserve(PageSize size, long vmId, long gfn, long version, int crc32c) {
        int needed = BlockChains.blocksFor(lengthMax(size));
        while (firstFree == NONE || blocks.free() < needed) {
            int oldest = order.victim(POOL, _ -> true);
            if (oldest == EvictionPolicy.NONE) {
                return NONE;
            }
            counters.of(names.vmId(oldest)).compressedEvictions++;
            forget(oldest);
        }
        int row = firstFree;
        firstFree = (int) places[row];
        names.set(row, vmId, gfn, version);
        checksums[row] = crc32c;
        places[row] = blocks.take(needed);
        shapes[row] = CellAllocator.pool(size) << LENGTH_BITS | lengthMax(size);
        return row;
    }

    /** Keeps a reserved row, whose first blocks hold so many bytes, from 1 to {@link #lengthMax}. */
    void keep(int row, int lengthBytes) {
        blocks.trim(firstBlock(row), BlockChains.blocksFor(lengthBytes));
        shapes[row] = (shapes[row] & ~LENGTH_MASK) | lengthBytes;
        keep(row);
    }

    /** Keeps a reserved row, whose page is one word over and over. */
    void keepSameFilled(int row, long word) {
        blocks.give(firstBlock(row));
        places[row] = word;
        shapes[row] = (shapes[row] & ~LENGTH_MASK) | SAME_FILLED;
        keep(row);
        counters.of(vmId(row)).sameFilled++;
    }

    private void keep(int row) {
        shapes[row] |= KEPT;
        names.add(row);
        order.added(row, POOL);
        Counters own = counters.of(vmId(row));
        own.compressedStores++;
        count(own, row, 1);
    }

    /** Takes a kept row out, so that it is neither found nor evicted; {@link #release} must follow. */
    void take(int row) {
        names.remove(row);
        order.removed(row, POOL);
        shapes[row] &= ~KEPT;
        count(counters.of(vmId(row)), row, -1);
    }

    /** Ends the life of a row that is reserved or taken. */
    void release(int row) {
        if (!isSameFilled(row)) {
            blocks.give(firstBlock(row));
        }
        shapes[row] = 0;
        places[row] = firstFree;
        firstFree = row;
    }

    /** Ends the life of a row that is kept. */
    void forget(int row) {
        take(row);
        release(row);
    }

    /** A kept row's page was fetched, and stays. */
    void used(int row) {
        order.used(row);
    }

    boolean isKept(int row) {
        return (shapes[row] & KEPT) != 0;
    }

    /** Whether a row has no blocks, because its page is one {@link #word} over and over. */
    public boolean isSameFilled(int row) {
        return (shapes[row] & SAME_FILLED) != 0;
    }

    /** Whether a row's page holds zeros only. */
    boolean isZero(int row) {
        return isSameFilled(row) && places[row] == 0;
    }

    /** What a same-filled page is filled with. */
    public long word(int row) {
        return places[row];
    }

    /** How many bytes there are in a row's blocks. */
    public int lengthBytes(int row) {
        return shapes[row] & LENGTH_MASK;
    }

    /** The first of the blocks that a row's bytes are in or are to be written to, unless its page is same-filled. */
    public int firstBlock(int row) {
        return (int) places[row];
    }

    /** The block after another of a row; -1 after the last. */
    public int nextBlock(int block) {
        return blocks.next(block);
    }

    PageSize pageSize(int row) {
        return SIZES[shapes[row] >> LENGTH_BITS & SIZE_MASK];
    }

    int checksum(int row) {
        return checksums[row];
    }

    long vmId(int row) {
        return names.vmId(row);
    }

    long gfn(int row) {
        return names.gfn(row);
    }

    long version(int row) {
        return names.version(row);
    }

    long bytesInUse() {
        return (long) (blocks.count() - blocks.free()) * BlockChains.BLOCK_BYTES;
    }

    /** The bytes of its memory, which is blocks of {@link #BLOCK_BYTES} bytes, numbered from 0. */
    public long bytesMax() {
        return (long) blocks.count() * BlockChains.BLOCK_BYTES;
    }

    private void count(Counters own, int row, int sign) {
        own.compressedPages += sign;
        own.compressedPageBytes += (long) sign * pageSize(row).bytes();
        own.compressedBytes += (long) sign * BlockChains.blocksFor(lengthBytes(row)) * BlockChains.BLOCK_BYTES;
    }
}
