// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import io.faultline.model.PageSize;
import io.faultline.model.Tier;
import io.faultline.pager.domain.eviction.PolicyKind;

/**
 * The page plane of one pager: takes requests for pages and news from the swap store, and answers through
 * {@link PagerEffects}. Owned by one thread.
 *
 * <p>A request is known by its stream and its number on that stream; the pager only carries both to the answer.
 */
public final class Pager {
    /*
     * A page in a cell is LOADING (its bytes are coming from the swap store), STORING (they are on their way there, and
     * can be fetched already) or RESIDENT. LOADING and STORING cells have a flight, which the requests wait at: one
     * load a page, however many ask. A name leaves the index at once when its page is discarded, dropped or evicted;
     * the cell follows when the last flight and the last answer that reads it are done.
     *
     * A store is written through: the answer waits for the swap store. So a resident page can be evicted without
     * moving it, and a pager that dies loses nothing that it said it had.
     */
    private static final int SWEEP_UNITS = 8192;
    private static final int EVICTIONS_AT_A_TIME = 256;
    /** Prefetches may take this part of the loads in flight, so that a demand never finds all of them taken. */
    private static final int PREFETCH_SHARE = 4;

    private final PagerLimits limits;
    private final PagerEffects effects;
    private final CellAllocator allocator;
    private final PageTable table;
    private final FlightTable flights;
    private final DramTier dram;
    private final VmDrops drops = new VmDrops();
    private final VmCounters counters = new VmCounters();

    private int loadsInFlight;
    private int prefetchesInFlight;
    private int storesInFlight;

    /** A pager that holds nothing, whose DRAM tier evicts by a policy. */
    public Pager(PagerLimits limits, PolicyKind policy, PagerEffects effects) {
        this.limits = limits;
        this.effects = effects;
        allocator = new CellAllocator(limits.dramMaxBytes());
        table = new PageTable(allocator.units());
        flights = new FlightTable(
                limits.loadsInFlightMax() + limits.loadsQueuedMax() + limits.storesInFlightMax(), limits.waitersMax());
        dram = new DramTier(
                allocator,
                table,
                policy.create(allocator.units(), PageSize.values().length, table::identity),
                counters);
    }

    /** Cells are numbered from 0 to below this; a cell's bytes start at its number times 4,096. */
    public int units() {
        return allocator.units();
    }

    /** FETCH: answered at once from DRAM, else when the swap store has answered. */
    public void fetch(int stream, long requestId, long vmId, long gfn, long version, PageSize size) {
        if (drops.contains(vmId)) {
            answer(vmId, stream, requestId, PageAnswer.ABSENT);
            return;
        }
        int cell = table.find(vmId, gfn, version);
        if (cell == PageTable.NONE) {
            fetchFromStore(stream, requestId, vmId, gfn, version, size);
        } else if (allocator.sizeAt(cell) != size) {
            answer(vmId, stream, requestId, PageAnswer.CORRUPT);
        } else if (table.state(cell) == PageTable.LOADING) {
            joinLoad(stream, requestId, cell);
        } else {
            counters.of(vmId).dramFetches++;
            dram.used(cell);
            answerPage(stream, requestId, cell, Tier.DRAM);
        }
    }

    private void fetchFromStore(int stream, long requestId, long vmId, long gfn, long version, PageSize size) {
        int cell = flights.hasRoomForWaiter() && hasRoomForLoad() ? dram.allocate(size, vmId) : DramTier.NONE;
        if (cell == DramTier.NONE) {
            answer(vmId, stream, requestId, PageAnswer.UNAVAILABLE);
            return;
        }
        table.begin(cell, PageTable.LOADING, vmId, gfn, version);
        table.addToIndex(cell);
        int flight = openFlight(cell, false);
        flights.join(flight, stream, requestId);
        flights.enqueue(flight);
        startLoads();
    }

    private boolean hasRoomForLoad() {
        if (loadsInFlight < limits.loadsInFlightMax() || flights.queued() < limits.loadsQueuedMax()) {
            return true;
        }
        int flight = flights.pollPrefetch();
        if (flight == FlightTable.NONE) {
            return false;
        }
        int cell = flights.cell(flight);
        counters.of(table.vmId(cell)).prefetchesDropped++;
        closeFlight(flight);
        dropName(cell);
        return true;
    }

    private void joinLoad(int stream, long requestId, int cell) {
        long vmId = table.vmId(cell);
        if (!flights.hasRoomForWaiter()) {
            answer(vmId, stream, requestId, PageAnswer.UNAVAILABLE);
            return;
        }
        int flight = table.flight(cell);
        counters.of(vmId).coalesced++;
        if (flights.isPrefetch(flight)) {
            if (!flights.isQueued(flight)) {
                counters.of(vmId).prefetchesLate++;
                prefetchesInFlight--;
            }
            flights.promote(flight);
        }
        flights.join(flight, stream, requestId);
        startLoads();
    }

    /** PREFETCH: brings the page into DRAM if that costs no fetch anything. */
    public void prefetch(long vmId, long gfn, long version, PageSize size) {
        if (drops.contains(vmId) || table.find(vmId, gfn, version) != PageTable.NONE) {
            return;
        }
        int cell = flights.queued() < limits.loadsQueuedMax() ? dram.allocateSpare(size) : DramTier.NONE;
        if (cell == DramTier.NONE) {
            counters.of(vmId).prefetchesDropped++;
            return;
        }
        table.begin(cell, PageTable.LOADING, vmId, gfn, version);
        table.addToIndex(cell);
        flights.enqueue(openFlight(cell, true));
        startLoads();
    }

    private void startLoads() {
        while (loadsInFlight < limits.loadsInFlightMax()) {
            int flight = flights.pollDemand();
            if (flight == FlightTable.NONE) {
                if (prefetchesInFlight >= Math.max(1, limits.loadsInFlightMax() / PREFETCH_SHARE)) {
                    return;
                }
                flight = flights.pollPrefetch();
                if (flight == FlightTable.NONE) {
                    return;
                }
                prefetchesInFlight++;
                counters.of(table.vmId(flights.cell(flight))).prefetchesIssued++;
            }
            loadsInFlight++;
            effects.load(flights.cell(flight));
        }
    }

    /**
     * The swap store has answered a {@link PagerEffects#load}.
     *
     * @param crc32c with DATA: the checksum that the page was stored with, which its bytes were found to match
     */
    public void loaded(int cell, LoadResult result, int crc32c) {
        int flight = table.flight(cell);
        boolean wanted = !flights.isPrefetch(flight);
        loadsInFlight--;
        if (!wanted) {
            prefetchesInFlight--;
        }
        boolean found = result == LoadResult.DATA || result == LoadResult.ZERO;
        if (found) {
            table.setChecksum(cell, crc32c);
            if (result == LoadResult.ZERO) {
                table.markZero(cell);
            }
            table.setPrefetched(cell, !wanted);
            if (table.isIndexed(cell)) {
                dram.count(cell);
            }
        }
        while (flights.isWaitedFor(flight)) {
            answerLoad(flights.firstStream(flight), flights.firstRequestId(flight), cell, result);
            flights.leaveFirst(flight);
        }
        closeFlight(flight);
        if (found) {
            dram.keep(cell);
        } else {
            dropName(cell);
        }
        startLoads();
    }

    private void answerLoad(int stream, long requestId, int cell, LoadResult result) {
        long vmId = table.vmId(cell);
        switch (result) {
            case DATA, ZERO -> {
                counters.of(vmId).storeFetches++;
                answerPage(stream, requestId, cell, Tier.SWAP_STORE);
            }
            case ABSENT -> answer(vmId, stream, requestId, PageAnswer.ABSENT);
            case CORRUPT -> answer(vmId, stream, requestId, PageAnswer.CORRUPT);
            case UNAVAILABLE -> answer(vmId, stream, requestId, PageAnswer.UNAVAILABLE);
        }
    }

    /**
     * STORE, first half: a cell for the bytes, to be followed in the same turn by {@link #commitStore} or
     * {@link #rejectStore}; -1 if there is no room and the request was answered so.
     */
    public int beginStore(int stream, long requestId, long vmId, long gfn, long version, PageSize size) {
        boolean room = storesInFlight < limits.storesInFlightMax() && flights.hasRoomForWaiter();
        int cell = room && !drops.contains(vmId) ? dram.allocate(size, vmId) : DramTier.NONE;
        if (cell == DramTier.NONE) {
            answer(vmId, stream, requestId, PageAnswer.UNAVAILABLE);
        } else {
            table.begin(cell, PageTable.FILLING, vmId, gfn, version);
        }
        return cell;
    }

    /** STORE, second half: the cell holds the page, whose checksum is right. Answered once the swap store has it. */
    public void commitStore(int stream, long requestId, int cell, int crc32c, boolean isZero) {
        long vmId = table.vmId(cell);
        int known = table.find(vmId, table.gfn(cell), table.version(cell));
        if (known != PageTable.NONE) {
            boolean same = allocator.sizeAt(known) == allocator.sizeAt(cell) && table.checksum(known) == crc32c;
            dram.free(cell);
            repeatStore(stream, requestId, known, same);
            return;
        }
        table.setState(cell, PageTable.STORING);
        table.setChecksum(cell, crc32c);
        if (isZero) {
            table.markZero(cell);
        }
        table.addToIndex(cell);
        flights.join(openFlight(cell, false), stream, requestId);
        storesInFlight++;
        dram.count(cell);
        effects.store(cell);
    }

    /** A repeated STORE of a page that is here already, which a page never changes under. */
    private void repeatStore(int stream, long requestId, int known, boolean same) {
        long vmId = table.vmId(known);
        if (table.state(known) == PageTable.LOADING) {
            answer(vmId, stream, requestId, PageAnswer.UNAVAILABLE);
        } else if (!same) {
            counters.of(vmId).rejectedStores++;
            effects.answer(stream, requestId, PageAnswer.CORRUPT, Tier.NONE);
        } else if (table.state(known) == PageTable.STORING) {
            flights.join(table.flight(known), stream, requestId);
        } else {
            answer(vmId, stream, requestId, PageAnswer.STORED);
        }
    }

    /** STORE, second half: the bytes in the cell do not match the checksum they came with. */
    public void rejectStore(int stream, long requestId, int cell) {
        counters.of(table.vmId(cell)).rejectedStores++;
        dram.free(cell);
        effects.answer(stream, requestId, PageAnswer.CORRUPT, Tier.NONE);
    }

    /**
     * The swap store has answered a {@link PagerEffects#store}: it has the page, or could not take it. A page that was
     * discarded meanwhile is deleted now.
     */
    public void stored(int cell, boolean ok) {
        int flight = table.flight(cell);
        long vmId = table.vmId(cell);
        storesInFlight--;
        while (flights.isWaitedFor(flight)) {
            answer(
                    vmId,
                    flights.firstStream(flight),
                    flights.firstRequestId(flight),
                    ok ? PageAnswer.STORED : PageAnswer.UNAVAILABLE);
            flights.leaveFirst(flight);
        }
        closeFlight(flight);
        if (!ok) {
            dropName(cell);
            return;
        }
        counters.of(vmId).storeStores++;
        if (!table.isIndexed(cell)) {
            effects.delete(table.vmId(cell), table.gfn(cell), table.version(cell));
        }
        dram.keep(cell);
    }

    /** DISCARD: forgets the page, in DRAM at once. */
    public void discard(long vmId, long gfn, long version) {
        if (drops.contains(vmId)) {
            return;
        }
        int cell = table.find(vmId, gfn, version);
        if (cell == PageTable.NONE) {
            effects.delete(vmId, gfn, version);
            return;
        }
        if (table.state(cell) != PageTable.STORING) {
            effects.delete(vmId, gfn, version);
        }
        dram.forget(cell);
    }

    /**
     * Begins to forget every page of a VM, which {@link #tidy} goes on with and {@link PagerEffects#dropVm} ends. From
     * now until then its fetches are ABSENT and its stores UNAVAILABLE.
     *
     * @return false if too many VMs are being forgotten already
     */
    public boolean dropVm(long vmId) {
        if (drops.contains(vmId)) {
            return true;
        }
        if (drops.isFull()) {
            return false;
        }
        drops.begin(vmId);
        return true;
    }

    /** The bytes of an {@link PagerEffects#answerData} have been read. */
    public void sent(int cell) {
        table.unpin(cell);
        dram.releaseIfUnused(cell);
    }

    /** To be called between requests: evicts ahead of demand, forgets VMs. Whether there is more to do. */
    public boolean tidy() {
        boolean more = dram.tidy(EVICTIONS_AT_A_TIME);
        if (!drops.isEmpty()) {
            sweep(drops.first());
        }
        return more || !drops.isEmpty();
    }

    private void sweep(VmDrops.Drop drop) {
        int end = Math.min(allocator.units(), drop.nextUnit + SWEEP_UNITS);
        for (int unit = drop.nextUnit; unit < end; unit++) {
            if (allocator.isUsed(unit) && table.vmId(unit) == drop.vmId && table.isIndexed(unit)) {
                dram.forget(unit);
                drop.pagesDropped++;
            }
        }
        drop.nextUnit = end;
        if (end == allocator.units()) {
            drops.endFirst();
            counters.forget(drop.vmId);
            effects.dropVm(drop.vmId, drop.pagesDropped);
        }
    }

    /** The VM of the page in a cell. */
    public long vmId(int cell) {
        return table.vmId(cell);
    }

    /** The guest frame number of the page in a cell. */
    public long gfn(int cell) {
        return table.gfn(cell);
    }

    /** The version of the page in a cell. */
    public long version(int cell) {
        return table.version(cell);
    }

    /** The checksum of the page in a cell. */
    public int checksum(int cell) {
        return table.checksum(cell);
    }

    /** Whether the page in a cell holds zeros only. */
    public boolean isZero(int cell) {
        return table.isZero(cell);
    }

    /** The size of the page in a cell. */
    public PageSize pageSize(int cell) {
        return allocator.sizeAt(cell);
    }

    /** Stores that the swap store has not answered yet. */
    public int storesInFlight() {
        return storesInFlight;
    }

    /** Counters and gauges of this moment. */
    public PagerStats stats() {
        long bytesInUse = 0;
        for (PageSize size : PageSize.values()) {
            bytesInUse += (long) allocator.used(size) * size.bytes();
        }
        return statsOf(counters.total(), bytesInUse);
    }

    /** Counters and gauges of one VM; all zeros for one that has not stored or found a page here. */
    public PagerStats stats(long vmId) {
        Counters own = counters.copyOf(vmId);
        return statsOf(own, own.pageBytes);
    }

    private PagerStats statsOf(Counters counts, long bytesInUse) {
        return new PagerStats(
                counts.dram(bytesInUse, (long) allocator.units() << CellAllocator.UNIT_SHIFT),
                counts.store(),
                counts.refusals(),
                counts.prefetch(),
                counts.coalesced,
                loadsInFlight,
                flights.queued(),
                storesInFlight);
    }

    private int openFlight(int cell, boolean isPrefetch) {
        int flight = flights.open(cell, isPrefetch);
        table.setFlight(cell, flight);
        return flight;
    }

    private void closeFlight(int flight) {
        table.setFlight(flights.cell(flight), PageTable.NONE);
        flights.close(flight);
    }

    private void dropName(int cell) {
        if (table.isIndexed(cell)) {
            dram.forget(cell);
        } else {
            dram.releaseIfUnused(cell);
        }
    }

    private void answerPage(int stream, long requestId, int cell, Tier tier) {
        if (table.isZero(cell)) {
            effects.answer(stream, requestId, PageAnswer.ZERO, tier);
        } else {
            table.pin(cell);
            effects.answerData(stream, requestId, tier, cell);
        }
    }

    private void answer(long vmId, int stream, long requestId, PageAnswer answer) {
        switch (answer) {
            case ABSENT -> counters.of(vmId).absent++;
            case CORRUPT -> counters.of(vmId).corrupt++;
            case UNAVAILABLE -> counters.of(vmId).unavailable++;
            case ZERO, STORED -> {}
        }
        effects.answer(stream, requestId, answer, Tier.NONE);
    }
}
