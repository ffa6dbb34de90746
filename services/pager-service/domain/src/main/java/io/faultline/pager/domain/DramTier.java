// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import io.faultline.model.PageSize;
import io.faultline.pager.domain.eviction.EvictionPolicy;

/**
 * The DRAM tier: pages in cells, found by name, evicted ahead of demand between two watermarks. Owned by the pager's
 * thread.
 */
final class DramTier implements EvictionPolicy.Evictable {
    /*
     * Between requests, tidy() keeps a sixty-fourth of the memory free for each page size in use, so that a request
     * finds a free cell. Only when requests outrun it does makeRoom() evict inside one (counted: evictionsAtCap). All
     * resident pages are in the swap store too, so an eviction moves no bytes.
     */
    static final int NONE = CellAllocator.NONE;

    private static final PageSize[] SIZES = PageSize.values();
    private static final int LOW_WATERMARK_DIVISOR = 64;
    private static final int DONATION_TRIES = 8;

    private final CellAllocator allocator;
    private final PageTable table;
    private final EvictionPolicy policy;
    private final VmCounters counters;
    private final boolean[] refilling = new boolean[SIZES.length];

    DramTier(CellAllocator allocator, PageTable table, EvictionPolicy policy, VmCounters counters) {
        this.allocator = allocator;
        this.table = table;
        this.policy = policy;
        this.counters = counters;
    }

    /** A cell for a VM's page; another page leaves if there is no other way. {@link #NONE} at the cap. */
    int allocate(PageSize size, long vmId) {
        int cell = allocator.allocate(size);
        if (cell == NONE && makeRoom(size)) {
            counters.of(vmId).dramEvictionsAtCap++;
            cell = allocator.allocate(size);
        }
        return cell;
    }

    /** A cell for a hint: only while the tier is not short of free ones. */
    int allocateSpare(PageSize size) {
        return allocator.available(size) > lowWatermark(size) ? allocator.allocate(size) : NONE;
    }

    /** Counts a cell's page among those of its VM, until the cell is freed. */
    void count(int cell) {
        counters.track(table.vmId(cell));
        Counters own = counters.of(table.vmId(cell));
        own.dramPages++;
        own.pages++;
        own.pageBytes += allocator.sizeAt(cell).bytes();
        table.markCounted(cell);
    }

    /** Ends a cell's life. */
    void free(int cell) {
        if (table.isCounted(cell)) {
            Counters own = counters.of(table.vmId(cell));
            own.pages--;
            own.pageBytes -= allocator.sizeAt(cell).bytes();
        }
        allocator.free(cell);
    }

    /** Makes a page whose bytes are in its cell an ordinary one: kept, found, and evicted when its time comes. */
    void keep(int cell) {
        table.setState(cell, PageTable.RESIDENT);
        if (table.isIndexed(cell)) {
            policy.added(cell, pool(cell));
        } else {
            releaseIfUnused(cell);
        }
    }

    void used(int cell) {
        if (table.state(cell) == PageTable.RESIDENT) {
            policy.used(cell);
        }
        if (table.isPrefetched(cell)) {
            table.setPrefetched(cell, false);
            counters.of(table.vmId(cell)).prefetchesUsed++;
        }
    }

    /** Lets a page not be found any more; its cell is free once nobody reads or writes it. */
    void forget(int cell) {
        if (table.state(cell) == PageTable.RESIDENT) {
            policy.removed(cell, pool(cell));
        }
        table.removeFromIndex(cell);
        releaseIfUnused(cell);
    }

    /** Frees a cell that no name, no pin and no flight holds. */
    void releaseIfUnused(int cell) {
        if (!table.isIndexed(cell) && !table.isPinned(cell) && table.flight(cell) == PageTable.NONE) {
            free(cell);
        }
    }

    /** Evicts up to so many pages ahead of demand; whether there is more to do. */
    boolean tidy(int evictionsMax) {
        int left = evictionsMax;
        for (PageSize size : SIZES) {
            int pool = CellAllocator.pool(size);
            refilling[pool] = allocator.capacity(size) > 0
                    && allocator.available(size) < lowWatermark(size) * (refilling[pool] ? 2 : 1);
            while (refilling[pool] && left > 0) {
                left--;
                refilling[pool] = makeRoom(size) && allocator.available(size) < 2 * lowWatermark(size);
            }
            if (refilling[pool]) {
                return true;
            }
        }
        return false;
    }

    private int lowWatermark(PageSize size) {
        return Math.max(1, allocator.units() / CellAllocator.unitsIn(size) / LOW_WATERMARK_DIVISOR);
    }

    private boolean makeRoom(PageSize size) {
        if (allocator.isShortOfChunks(size) && takeChunk()) {
            return true;
        }
        int victim = policy.victim(CellAllocator.pool(size), this);
        if (victim == NONE) {
            return false;
        }
        evict(victim);
        return true;
    }

    /** Empties a chunk of the page size that has most. */
    private boolean takeChunk() {
        for (int tries = 0; tries < DONATION_TRIES; tries++) {
            int chunk = allocator.nextDonation();
            int step = CellAllocator.unitsIn(allocator.sizeAt(chunk));
            if (isEvictableChunk(chunk, step)) {
                for (int cell = chunk; cell < chunk + CellAllocator.CHUNK_UNITS; cell += step) {
                    if (allocator.isUsed(cell)) {
                        evict(cell);
                    }
                }
                return true;
            }
        }
        return false;
    }

    private boolean isEvictableChunk(int chunk, int step) {
        for (int cell = chunk; cell < chunk + CellAllocator.CHUNK_UNITS; cell += step) {
            if (allocator.isUsed(cell) && !test(cell)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean test(int cell) {
        return table.state(cell) == PageTable.RESIDENT && table.isIndexed(cell) && !table.isPinned(cell);
    }

    private void evict(int cell) {
        Counters own = counters.of(table.vmId(cell));
        own.dramEvictions++;
        if (table.isPrefetched(cell)) {
            own.prefetchesEvictedUnused++;
        }
        forget(cell);
    }

    private int pool(int cell) {
        return CellAllocator.pool(allocator.sizeAt(cell));
    }
}
