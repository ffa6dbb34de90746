// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import io.faultline.model.PageSize;
import io.faultline.pager.domain.eviction.EvictionPolicy;
import org.jspecify.annotations.Nullable;

/**
 * The DRAM tier: pages in cells, found by name, evicted ahead of demand between two watermarks. Owned by the pager's
 * thread.
 */
final class DramTier implements EvictionPolicy.Evictable {
    /*
     * Between requests, tidy() keeps a sixty-fourth of the memory free for each page size in use, so that a request
     * finds a free cell. Only when requests outrun it does makeRoom() evict inside one (counted: evictionsAtCap). All
     * resident pages are in the swap store too, so an eviction moves no bytes.
     *
     * With a compressed tier, pages leave by way of it: a victim's bytes are deflated elsewhere while its page can
     * still be fetched, which takes it back, and its cell is free when that is done. What is under way counts as free
     * already. Only when less than half of the low watermark is left do victims leave at once, undeflated: a slow
     * compressor costs hits, never a request's time.
     *
     * Which page leaves is DramShares' to say: one of the VM that has most for its weight.
     */
    static final int NONE = CellAllocator.NONE;

    private static final PageSize[] SIZES = PageSize.values();
    private static final int LOW_WATERMARK_DIVISOR = 64;
    /** Pages that were prefetched and not used yet take this part of the memory at most, once it is full. */
    private static final int UNUSED_DIVISOR = 8;

    private static final int DONATION_TRIES = 8;
    /** Pages that may be being deflated at a time: some two milliseconds of work. */
    private static final int DEFLATIONS_MAX = 256;

    private final CellAllocator allocator;
    private final PageTable table;
    private final DramShares shares;
    private final CompressedTier compressed;
    private final PagerEffects effects;
    private final VmCounters counters;
    private final DramRegret regret;
    private final boolean[] refilling = new boolean[SIZES.length];
    /** Of each pool, the cells that will be free once their pages are deflated. */
    private final int[] leaving = new int[SIZES.length];

    private int deflations;
    private int unusedUnits;

    DramTier(
            CellAllocator allocator,
            PageTable table,
            DramShares shares,
            CompressedTier compressed,
            PagerEffects effects,
            VmCounters counters,
            DramRegret regret) {
        this.allocator = allocator;
        this.table = table;
        this.shares = shares;
        this.compressed = compressed;
        this.effects = effects;
        this.counters = counters;
        this.regret = regret;
    }

    /** Pages that are being deflated now. */
    int deflationsInFlight() {
        return deflations;
    }

    /** A cell for a VM's page; another page leaves if there is no other way. {@link #NONE} at the cap, or the VM's own. */
    int allocate(PageSize size, Tenant tenant) {
        if (shares.isAtLimit(tenant, size)) {
            int own = shares.ownVictim(tenant, this);
            if (own == NONE) {
                return NONE;
            }
            counters.of(tenant.vmId).dramEvictionsAtCap++;
            evict(own);
        }
        int cell = allocator.allocate(size);
        if (cell == NONE && makeRoom(size, tenant)) {
            counters.of(tenant.vmId).dramEvictionsAtCap++;
            cell = allocator.allocate(size);
        }
        return taken(cell, tenant);
    }

    private int taken(int cell, Tenant tenant) {
        if (cell != NONE) {
            shares.taken(cell, tenant);
        }
        return cell;
    }

    /**
     * A cell for a hint: only while the tier is not short of free ones. While it is full, that is while others have to leave
     * for it in the end, only as long as hints are made use of.
     */
    int allocateSpare(PageSize size, Tenant tenant) {
        int available = allocator.available(size);
        boolean isFull = available <= 2 * lowWatermark(size);
        boolean room = available > lowWatermark(size)
                && !shares.isAtLimit(tenant, size)
                && (!isFull || unusedUnits + CellAllocator.unitsIn(size) <= allocator.units() / UNUSED_DIVISOR);
        return taken(room ? allocator.allocate(size) : NONE, tenant);
    }

    /** A cell's page is here because of a hint, and nobody has asked for it yet. */
    void prefetched(int cell) {
        table.setPrefetched(cell, true);
        unusedUnits += CellAllocator.unitsIn(allocator.sizeAt(cell));
    }

    /** Ends that; whether it was so. */
    private boolean endPrefetched(int cell) {
        boolean was = table.isPrefetched(cell);
        if (was) {
            table.setPrefetched(cell, false);
            unusedUnits -= CellAllocator.unitsIn(allocator.sizeAt(cell));
        }
        return was;
    }

    /** Counts a cell's page among those of its VM, until the cell is freed. */
    void count(int cell) {
        counters.track(table.vmId(cell));
        Counters own = counters.of(table.vmId(cell));
        own.dramPages++;
        own.pages++;
        own.pageBytes += allocator.sizeAt(cell).bytes();
        table.markCounted(cell);
        regret.entered(cell);
    }

    /** Ends a cell's life. */
    void free(int cell) {
        if (table.isCounted(cell)) {
            Counters own = counters.of(table.vmId(cell));
            own.pages--;
            own.pageBytes -= allocator.sizeAt(cell).bytes();
        }
        shares.freed(cell, table.state(cell) == PageTable.DEFLATING);
        allocator.free(cell);
    }

    /** Makes a page whose bytes are in its cell an ordinary one: kept, found, and evicted when its time comes. */
    void keep(int cell) {
        table.setState(cell, PageTable.RESIDENT);
        if (table.isIndexed(cell)) {
            shares.added(cell);
        } else {
            releaseIfUnused(cell);
        }
    }

    /** A fetch has found a cell's page. */
    void used(int cell) {
        regret.found(cell);
        if (table.state(cell) == PageTable.RESIDENT) {
            shares.used(cell);
        } else if (table.state(cell) == PageTable.DEFLATING) {
            leaving[pool(cell)]--;
            shares.stays(cell);
            keep(cell);
        }
        if (endPrefetched(cell)) {
            counters.of(table.vmId(cell)).prefetchesUsed++;
        }
    }

    /** Lets a page not be found any more; its cell is free once nobody reads or writes it. */
    void forget(int cell) {
        if (endPrefetched(cell)) {
            counters.of(table.vmId(cell)).prefetchesDiscardedUnused++;
        }
        if (table.state(cell) == PageTable.RESIDENT) {
            shares.removed(cell);
        }
        table.removeFromIndex(cell);
        releaseIfUnused(cell);
    }

    /** Ends what was to become a page: lets it not be found, and frees its cell once nobody reads it. */
    void dropName(int cell) {
        if (table.isIndexed(cell)) {
            forget(cell);
        } else {
            releaseIfUnused(cell);
        }
    }

    /** Frees a cell that no name, no pin and no flight holds. */
    void releaseIfUnused(int cell) {
        if (!table.isIndexed(cell) && !table.isPinned(cell) && table.flight(cell) == PageTable.NONE) {
            free(cell);
        }
    }

    /** Evicts up to so many pages ahead of demand; whether there is more to do. */
    boolean tidy(int evictionsMax) {
        int left = tidyLimits(evictionsMax);
        for (PageSize size : SIZES) {
            int pool = CellAllocator.pool(size);
            refilling[pool] =
                    allocator.capacity(size) > 0 && expected(size) < lowWatermark(size) * (refilling[pool] ? 2 : 1);
            while (refilling[pool] && left > 0) {
                left--;
                refilling[pool] = letOneLeave(size) && expected(size) < 2 * lowWatermark(size);
            }
            if (refilling[pool]) {
                return true;
            }
        }
        return left == 0;
    }

    /** Evicts for VMs' own limits; how many more pages may leave. */
    private int tidyLimits(int evictionsMax) {
        int left = evictionsMax;
        while (left > 0 && deflations < DEFLATIONS_MAX) {
            int victim = shares.crowdedVictim(this);
            if (victim == NONE) {
                return left;
            }
            left--;
            letLeave(victim);
        }
        return left;
    }

    private void letLeave(int victim) {
        if (compressed.isOn()) {
            demote(victim);
        } else {
            evict(victim);
        }
    }

    /** The free cells of a size, with those that will be free by themselves. */
    private int expected(PageSize size) {
        return allocator.available(size) + leaving[CellAllocator.pool(size)];
    }

    private boolean letOneLeave(PageSize size) {
        if (!compressed.isOn()
                || allocator.available(size) < lowWatermark(size) / 2
                || allocator.isShortOfChunks(size)) {
            return makeRoom(size, null);
        }
        int victim = deflations < DEFLATIONS_MAX ? shares.victim(size, null, this) : NONE;
        if (victim == NONE) {
            return false;
        }
        demote(victim);
        return true;
    }

    private void demote(int cell) {
        int row = compressed.reserve(
                allocator.sizeAt(cell), table.vmId(cell), table.gfn(cell), table.version(cell), table.checksum(cell));
        if (row == CompressedTier.NONE) {
            evict(cell);
        } else if (table.isZero(cell)) {
            compressed.keepSameFilled(row, 0);
            leave(cell);
        } else {
            shares.removed(cell);
            table.setState(cell, PageTable.DEFLATING);
            table.pin(cell);
            leaving[pool(cell)]++;
            shares.leaves(cell);
            deflations++;
            effects.deflate(cell, row);
        }
    }

    /** A cell's page was deflated to so many bytes; they are in a row's blocks if they fit. */
    void deflated(int cell, int row, int lengthBytes) {
        boolean fits = lengthBytes <= CompressedTier.lengthMax(allocator.sizeAt(cell));
        if (!endDeflation(cell)) {
            withdraw(cell, row);
        } else if (fits) {
            compressed.keep(row, lengthBytes);
            leave(cell);
        } else {
            compressed.release(row);
            counters.of(table.vmId(cell)).notShrunk++;
            leave(cell);
        }
    }

    /** A cell's page is one word over and over. */
    void sameFilled(int cell, int row, long word) {
        if (endDeflation(cell)) {
            compressed.keepSameFilled(row, word);
            leave(cell);
        } else {
            withdraw(cell, row);
        }
    }

    /** Ends a deflation; whether its page still is to leave. */
    private boolean endDeflation(int cell) {
        deflations--;
        table.unpin(cell);
        if (table.state(cell) != PageTable.DEFLATING) {
            return false;
        }
        leaving[pool(cell)]--;
        return table.isIndexed(cell);
    }

    private void withdraw(int cell, int row) {
        compressed.release(row);
        counters.of(table.vmId(cell)).withdrawn++;
        releaseIfUnused(cell);
    }

    private int lowWatermark(PageSize size) {
        return Math.max(1, allocator.units() / CellAllocator.unitsIn(size) / LOW_WATERMARK_DIVISOR);
    }

    private boolean makeRoom(PageSize size, @Nullable Tenant wanting) {
        if (allocator.isShortOfChunks(size) && takeChunk()) {
            return true;
        }
        int victim = shares.victim(size, wanting, this);
        if (victim == NONE) {
            return false;
        }
        evict(victim);
        return true;
    }

    /** Empties a chunk of the page size that has most for its weight: one without a safe page, if it is soon found. */
    private boolean takeChunk() {
        int found = NONE;
        int fewest = Integer.MAX_VALUE;
        for (int tries = 0; tries < DONATION_TRIES && fewest > 0; tries++) {
            int chunk = allocator.nextDonation();
            int safe = safePages(chunk);
            if (safe < fewest) {
                fewest = safe;
                found = chunk;
            }
        }
        if (found == NONE) {
            return false;
        }
        int step = CellAllocator.unitsIn(allocator.sizeAt(found));
        for (int cell = found; cell < found + CellAllocator.CHUNK_UNITS; cell += step) {
            if (allocator.isUsed(cell)) {
                evict(cell);
            }
        }
        return true;
    }

    /** How many pages of a chunk are safe; without bound if one cannot be evicted. */
    private int safePages(int chunk) {
        int step = CellAllocator.unitsIn(allocator.sizeAt(chunk));
        int safe = 0;
        for (int cell = chunk; cell < chunk + CellAllocator.CHUNK_UNITS; cell += step) {
            if (allocator.isUsed(cell)) {
                if (!test(cell)) {
                    return Integer.MAX_VALUE;
                }
                safe += shares.isSafe(cell) ? 1 : 0;
            }
        }
        return safe;
    }

    @Override
    public boolean test(int cell) {
        return table.state(cell) == PageTable.RESIDENT && table.isIndexed(cell) && !table.isPinned(cell);
    }

    /** Evicts a page as it is. */
    private void evict(int cell) {
        if (compressed.isOn()) {
            counters.of(table.vmId(cell)).skipped++;
        }
        leave(cell);
    }

    private void leave(int cell) {
        Counters own = counters.of(table.vmId(cell));
        own.dramEvictions++;
        if (shares.isAboveShare(cell)) {
            own.dramEvictionsAboveShare++;
        }
        if (endPrefetched(cell)) {
            own.prefetchesEvictedUnused++;
        }
        forget(cell);
    }

    private int pool(int cell) {
        return CellAllocator.pool(allocator.sizeAt(cell));
    }
}
