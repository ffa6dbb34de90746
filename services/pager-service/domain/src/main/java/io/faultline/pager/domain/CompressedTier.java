// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import io.faultline.model.PageSize;
import io.faultline.pager.domain.eviction.EvictionPolicy;
import io.faultline.pager.domain.eviction.PageIdentity;
import io.faultline.pager.domain.eviction.PolicyKind;
import io.faultline.pager.domain.names.PageNames;

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
     * least recently. That goes first, of the VM that has most of the tier for its weight. What a row has is its blocks,
     * and two at least: there are half as many rows as blocks, so that whoever has the tier's last row or its last block,
     * the VMs have all of it or more.
     */
    /** The size of a block. */
    public static final int BLOCK_BYTES = BlockChains.BLOCK_BYTES;

    static final int NONE = PageNames.NONE;

    /** A deflation is kept if it saves a quarter of the page: below that, inflating costs more than the room is worth. */
    private static final int KEPT_QUARTERS = 3;
    /** There is a row for each so many bytes of the cap: pages of 4 KiB may shrink to a quarter before rows run out. */
    private static final int BYTES_A_ROW = 1024;

    /** Pages that leave for one because of their VM's limit, which may have been lowered. */
    private static final int EVICTIONS_MAX = 256;

    private static final int BLOCKS_LEAST = BYTES_A_ROW / BlockChains.BLOCK_BYTES;

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
    private final Tenants tenants;
    private final Shares shares = new Shares();
    private final int[] checksums;
    /** A row's first block, the word its page is filled with, or the next free row. */
    private final long[] places;
    /** A row's length in bytes, its page's size, and whether it is kept and same-filled. */
    private final int[] shapes;
    /** The slot of a row's VM. */
    private final char[] tenantOf;

    private int firstFree;

    CompressedTier(long bytesMax, VmCounters counters, Tenants tenants) {
        int rows = Math.toIntExact(bytesMax / BYTES_A_ROW);
        names = new PageNames(rows);
        blocks = new BlockChains(Math.toIntExact(bytesMax / BlockChains.BLOCK_BYTES));
        order = PolicyKind.LRU.create(rows, 1, row -> PageIdentity.mix(names.vmId(row), names.gfn(row)));
        checksums = new int[rows];
        places = new long[rows];
        shapes = new int[rows];
        tenantOf = new char[rows];
        for (int row = 0; row < rows; row++) {
            places[row] = row + 1 < rows ? row + 1 : NONE;
        }
        firstFree = rows == 0 ? NONE : 0;
        this.counters = counters;
        this.tenants = tenants;
    }

    /** A VM's quota has changed. */
    void quotaChanged(Tenant tenant) {
        shares.reweigh(tenant.compressed);
    }

    /** What a VM holds, in bytes: the memory of its rows, each 1 KiB at least. */
    long heldBytes(Tenant tenant) {
        return tenant.compressed.amount() * BlockChains.BLOCK_BYTES;
    }

    /** A VM's share of the tier, in bytes. */
    long shareBytes(Tenant tenant) {
        return shares.share(tenant.compressed, bytesMax());
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
        Tenant tenant = tenants.of(vmId);
        if (!keepsLimit(tenant, needed)) {
            return NONE;
        }
        while (firstFree == NONE || blocks.free() < needed) {
            Shares.Claim richest = shares.richest();
            if (richest == null || !evictOldest(richest)) {
                return NONE;
            }
        }
        int row = firstFree;
        firstFree = (int) places[row];
        names.set(row, vmId, gfn, version);
        checksums[row] = crc32c;
        places[row] = blocks.take(needed);
        shapes[row] = CellAllocator.pool(size) << LENGTH_BITS | lengthMax(size);
        tenantOf[row] = (char) tenant.slot;
        tenants.retain(tenant);
        if (tenant.compressed.isOpenedNow()) {
            order.opened(tenant.slot);
        }
        claim(row, 1);
        return row;
    }

    /** Whether a VM may have so many blocks more; its older pages leave for that. */
    private boolean keepsLimit(Tenant tenant, int needed) {
        long max = tenant.quota.compressedMaxBytes() / BlockChains.BLOCK_BYTES;
        for (int tries = EVICTIONS_MAX; max != 0 && tenant.compressed.amount() + needed > max; tries--) {
            if (tries == 0 || !tenant.compressed.isInHeap() || !evictOldest(tenant.compressed)) {
                return false;
            }
        }
        return true;
    }

    private boolean evictOldest(Shares.Claim claim) {
        int oldest = order.victim(claim.tenant.slot, _ -> true);
        if (oldest == EvictionPolicy.NONE) {
            return false;
        }
        Counters own = counters.of(names.vmId(oldest));
        own.compressedEvictions++;
        if (shares.isAboveShare(claim, blocks.count())) {
            own.compressedEvictionsAboveShare++;
        }
        forget(oldest);
        return true;
    }

    private void claim(int row, int sign) {
        int taken = isSameFilled(row) ? 0 : BlockChains.blocksFor(lengthBytes(row));
        shares.change(tenants.at(tenantOf[row]).compressed, (long) sign * Math.max(BLOCKS_LEAST, taken));
    }

    /** Keeps a reserved row, whose first blocks hold so many bytes, from 1 to {@link #lengthMax}. */
    void keep(int row, int lengthBytes) {
        blocks.trim(firstBlock(row), BlockChains.blocksFor(lengthBytes));
        claim(row, -1);
        shapes[row] = (shapes[row] & ~LENGTH_MASK) | lengthBytes;
        claim(row, 1);
        keep(row);
    }

    /** Keeps a reserved row, whose page is one word over and over. */
    void keepSameFilled(int row, long word) {
        blocks.give(firstBlock(row));
        places[row] = word;
        claim(row, -1);
        shapes[row] = (shapes[row] & ~LENGTH_MASK) | SAME_FILLED;
        claim(row, 1);
        keep(row);
        counters.of(vmId(row)).sameFilled++;
    }

    private void keep(int row) {
        shapes[row] |= KEPT;
        names.add(row);
        order.added(row, tenantOf[row]);
        Counters own = counters.of(vmId(row));
        own.compressedStores++;
        count(own, row, 1);
    }

    /** Takes a kept row out, so that it is neither found nor evicted; {@link #release} must follow. */
    void take(int row) {
        names.remove(row);
        order.removed(row, tenantOf[row]);
        shapes[row] &= ~KEPT;
        count(counters.of(vmId(row)), row, -1);
    }

    /** Ends the life of a row that is reserved or taken. */
    void release(int row) {
        claim(row, -1);
        tenants.release(tenants.at(tenantOf[row]));
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
