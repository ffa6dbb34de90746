// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import io.faultline.model.PageSize;
import io.faultline.model.Tier;

/**
 * Pages on their way into cells of DRAM, from the compressed tier or the swap store, with the requests that wait for
 * them. Owned by the pager's thread.
 */
final class Loads {
    /*
     * The swap store is asked for so many pages at a time; others queue, demand before prefetch, VMs by their weights.
     * What the compressed tier has is asked for at once, and asked of the swap store should it turn out to be spoilt.
     *
     * A store that is busy with a prefetch is busy: what a demand waits for then is not the queue here but what the
     * store has begun. So prefetches in flight are few, whatever the store could take, and none begins while demand
     * takes half of what may be in flight: only what demand leaves is theirs.
     */
    /** Prefetches may take this part of the loads in flight, so that a demand never finds all of them taken. */
    private static final int PREFETCH_SHARE = 4;
    /** And no more than this: a store that does few reads at a time must not be handed many at once. */
    static final int PREFETCHES_IN_FLIGHT_MAX = 16;
    /** No prefetch begins while demand takes this part of the loads in flight. */
    private static final int DEMAND_SHARE = 2;
    /** Prefetches that queue; a hint that is older than so many others is worth nothing any more. */
    static final int PREFETCHES_QUEUED_MAX = 1_024;

    private final PagerLimits limits;
    private final Tiers tiers;
    private final PageTable table;
    private final FlightTable flights;
    private final Answers answers;
    private final PagerEffects effects;

    private int inFlight;
    private int prefetchesInFlight;

    Loads(PagerLimits limits, Tiers tiers, FlightTable flights, Answers answers, PagerEffects effects) {
        this.limits = limits;
        this.tiers = tiers;
        table = tiers.table();
        this.flights = flights;
        this.answers = answers;
        this.effects = effects;
    }

    /** Loads that the swap store works on now. */
    int inFlight() {
        return inFlight;
    }

    /** Loads that wait for their turn. */
    int queued() {
        return flights.queued();
    }

    /** A request for a page that only the swap store may have. */
    void fetchFromStore(int stream, long requestId, long vmId, long gfn, long version, PageSize size) {
        Tenant tenant = tiers.tenants().of(vmId);
        boolean room = flights.hasRoomForWaiter(tenant) && hasRoom(tenant);
        int cell = room ? tiers.dram().allocate(size, tenant) : DramTier.NONE;
        if (cell == DramTier.NONE) {
            answers.without(vmId, stream, requestId, PageAnswer.UNAVAILABLE);
            return;
        }
        begin(cell, vmId, gfn, version);
        int flight = flights.openFor(cell, table, false);
        flights.join(flight, stream, requestId);
        flights.enqueue(flight);
        start();
    }

    /** A request for a page that the compressed tier has in a row. */
    void fetchFromRow(int stream, long requestId, int row) {
        CompressedTier compressed = tiers.compressed();
        long vmId = compressed.vmId(row);
        if (compressed.isZero(row)) {
            compressed.used(row);
            answers.zeroPage(vmId, stream, requestId, Tier.COMPRESSED);
            return;
        }
        Tenant tenant = tiers.tenants().of(vmId);
        boolean room = flights.hasRoomForWaiter(tenant);
        int cell = room ? tiers.dram().allocate(compressed.pageSize(row), tenant) : DramTier.NONE;
        if (cell == DramTier.NONE) {
            answers.without(vmId, stream, requestId, PageAnswer.UNAVAILABLE);
            return;
        }
        compressed.take(row);
        begin(cell, vmId, compressed.gfn(row), compressed.version(row));
        table.setChecksum(cell, compressed.checksum(row));
        flights.join(flights.openFor(cell, table, false), stream, requestId);
        effects.inflate(cell, row);
    }

    /** A request for a page that is on its way into a cell. */
    void join(int stream, long requestId, int cell) {
        long vmId = table.vmId(cell);
        if (!flights.hasRoomForWaiter(tiers.tenants().of(vmId))) {
            answers.without(vmId, stream, requestId, PageAnswer.UNAVAILABLE);
            return;
        }
        int flight = table.flight(cell);
        Counters own = tiers.counters().of(vmId);
        own.coalesced++;
        if (flights.isPrefetch(flight)) {
            if (flights.isQueued(flight)) {
                own.prefetchesOvertaken++;
            } else {
                own.prefetchesLate++;
                prefetchesInFlight--;
            }
            flights.promote(flight);
        }
        flights.join(flight, stream, requestId);
        start();
    }

    /** A hint that a page that is in no tier of the pager's own may be wanted. */
    void prefetch(long vmId, long gfn, long version, PageSize size) {
        boolean room = flights.queued() < limits.loadsQueuedMax() && flights.prefetchesQueued() < PREFETCHES_QUEUED_MAX;
        int cell = room ? tiers.dram().allocateSpare(size, tiers.tenants().of(vmId)) : DramTier.NONE;
        if (cell == DramTier.NONE) {
            tiers.counters().of(vmId).prefetchesDropped++;
            return;
        }
        begin(cell, vmId, gfn, version);
        flights.enqueue(flights.openFor(cell, table, true));
        start();
    }

    private void begin(int cell, long vmId, long gfn, long version) {
        table.begin(cell, PageTable.LOADING, vmId, gfn, version);
        table.addToIndex(cell);
    }

    private boolean hasRoom(Tenant tenant) {
        int queuedMax = limits.loadsQueuedMax();
        if (inFlight < limits.loadsInFlightMax()) {
            return true;
        }
        return tiers.tenants().admits(tenant, tenant.lane.size(), flights.demandsQueued(), queuedMax)
                && (flights.queued() < queuedMax || dropPrefetch());
    }

    private boolean dropPrefetch() {
        int flight = flights.pollPrefetch();
        if (flight == FlightTable.NONE) {
            return false;
        }
        drop(flight);
        return true;
    }

    /** Ends a prefetch that has not begun. */
    private void drop(int flight) {
        int cell = flights.cell(flight);
        tiers.counters().of(table.vmId(cell)).prefetchesDropped++;
        flights.closeFor(cell, table);
        tiers.dram().dropName(cell);
    }

    private void start() {
        while (inFlight < limits.loadsInFlightMax()) {
            int flight = flights.pollDemand();
            if (flight == FlightTable.NONE) {
                startPrefetches();
                return;
            }
            inFlight++;
            effects.load(flights.cell(flight));
        }
    }

    /* No demand is queued. */
    private void startPrefetches() {
        while (mayPrefetch()) {
            int flight = flights.pollPrefetch();
            if (flight == FlightTable.NONE) {
                return;
            }
            int cell = flights.cell(flight);
            if (table.isIndexed(cell)) {
                prefetchesInFlight++;
                inFlight++;
                tiers.counters().of(table.vmId(cell)).prefetchesIssued++;
                effects.prefetch(cell);
            } else {
                // It was discarded meanwhile.
                drop(flight);
            }
        }
    }

    private boolean mayPrefetch() {
        int most = limits.loadsInFlightMax();
        int demands = inFlight - prefetchesInFlight;
        return inFlight < most
                && demands < Math.max(1, most / DEMAND_SHARE)
                && prefetchesInFlight < Math.clamp(most / PREFETCH_SHARE, 1, PREFETCHES_IN_FLIGHT_MAX);
    }

    /** The swap store has answered for a cell's page. */
    void loaded(int cell, LoadResult result, int crc32c) {
        boolean wanted = !flights.isPrefetch(table.flight(cell));
        inFlight--;
        if (!wanted) {
            prefetchesInFlight--;
            prefetched(cell, isFound(result));
        }
        if (isFound(result)) {
            table.setChecksum(cell, crc32c);
            if (result == LoadResult.ZERO) {
                table.markZero(cell);
            }
        }
        arrived(cell, result, Tier.SWAP_STORE);
        start();
    }

    private void prefetched(int cell, boolean isFound) {
        if (!isFound) {
            tiers.counters().of(table.vmId(cell)).prefetchesFailed++;
        } else if (table.isIndexed(cell)) {
            tiers.dram().prefetched(cell);
        } else {
            tiers.counters().of(table.vmId(cell)).prefetchesDiscardedUnused++;
        }
    }

    /** A row's page was inflated into a cell, or is spoilt. */
    void inflated(int cell, int row, boolean ok) {
        tiers.compressed().release(row);
        if (ok) {
            arrived(cell, LoadResult.DATA, Tier.COMPRESSED);
            return;
        }
        tiers.counters().of(table.vmId(cell)).inflationsFailed++;
        if (hasRoom(tiers.tenants().of(table.vmId(cell)))) {
            flights.enqueue(table.flight(cell));
            start();
        } else {
            arrived(cell, LoadResult.UNAVAILABLE, Tier.NONE);
        }
    }

    private void arrived(int cell, LoadResult result, Tier tier) {
        int flight = table.flight(cell);
        if (isFound(result) && table.isIndexed(cell)) {
            tiers.dram().count(cell);
        }
        while (flights.isWaitedFor(flight)) {
            answer(flights.firstStream(flight), flights.firstRequestId(flight), cell, result, tier);
            flights.leaveFirst(flight);
        }
        flights.closeFor(cell, table);
        if (isFound(result)) {
            tiers.dram().keep(cell);
        } else {
            tiers.dram().dropName(cell);
        }
    }

    private void answer(int stream, long requestId, int cell, LoadResult result, Tier tier) {
        long vmId = table.vmId(cell);
        switch (result) {
            case DATA, ZERO -> answers.page(stream, requestId, cell, tier);
            case ABSENT -> answers.without(vmId, stream, requestId, PageAnswer.ABSENT);
            case CORRUPT -> answers.without(vmId, stream, requestId, PageAnswer.CORRUPT);
            case UNAVAILABLE -> answers.without(vmId, stream, requestId, PageAnswer.UNAVAILABLE);
        }
    }

    private static boolean isFound(LoadResult result) {
        return result == LoadResult.DATA || result == LoadResult.ZERO;
    }
}
