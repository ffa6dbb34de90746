// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import io.faultline.model.PageSize;
import io.faultline.model.Tier;
import io.faultline.pager.domain.eviction.EvictionPolicy;
import io.faultline.pager.domain.eviction.PolicyKind;
import io.faultline.pager.domain.eviction.SwitchingPolicy;
import io.faultline.pager.domain.shadow.PolicyChooser;
import io.faultline.pager.domain.shadow.Shadows;

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
     * A page that is not in DRAM may be in the compressed tier: its cell is LOADING too, while its bytes are inflated
     * into it, and should they be found spoilt it goes on as a load from the swap store.
     *
     * A store is written through: the answer waits for the swap store. So a resident page can be evicted without
     * moving it, and a pager that dies loses nothing that it said it had.
     */
    private static final int SWEEP_UNITS = 8192;
    private static final int EVICTIONS_AT_A_TIME = 256;
    private static final int MOVES_AT_A_TIME = 256;
    private static final int POOLS = PageSize.values().length;
    /** What a shadow holds, twice: as many fetches as make a window for the choice of a policy. */
    private static final int WINDOW_SHADOWS = 2;

    private final int storesInFlightMax;
    private final PagerEffects effects;
    private final CellAllocator allocator;
    private final PageTable table;
    private final FlightTable flights;
    private final CompressedTier compressed;
    private final DramShares shares;
    private final DramTier dram;
    private final DramRegret regret;
    private final PolicySwitch policies;
    private final VmDrops drops = new VmDrops();
    private final VmCounters counters = new VmCounters();
    private final Tenants tenants = new Tenants();
    private final Answers answers;
    private final Loads loads;

    private final Foresight foresight;

    private int storesInFlight;

    /** A pager that holds nothing, whose DRAM tier evicts by one policy for good. */
    public Pager(PagerLimits limits, PolicyKind policy, PagerEffects effects) {
        this(limits, DramPolicy.fixed(policy), effects);
    }

    /** A pager that holds nothing. */
    public Pager(PagerLimits limits, DramPolicy policy, PagerEffects effects) {
        storesInFlightMax = limits.storesInFlightMax();
        this.effects = effects;
        allocator = new CellAllocator(limits.dramMaxBytes());
        table = new PageTable(allocator.units());
        flights = new FlightTable(
                limits.loadsInFlightMax()
                        + limits.loadsQueuedMax()
                        + limits.storesInFlightMax()
                        + (limits.compressedMaxBytes() == 0 ? 0 : limits.waitersMax()),
                limits.waitersMax(),
                tenants,
                cell -> CellAllocator.unitsIn(allocator.sizeAt(cell)));
        compressed = new CompressedTier(limits.compressedMaxBytes(), counters, tenants);
        Shadows shadows = new Shadows(allocator.units(), policy.shadowPages());
        PolicyChooser chooser = new PolicyChooser(policy.first(), WINDOW_SHADOWS * shadows.units());
        SwitchingPolicy eviction = new SwitchingPolicy(newPolicy(policy.first()), POOLS);
        regret = new DramRegret(shadows, chooser, table, allocator, counters);
        policies = new PolicySwitch(eviction, chooser, effects, policy.isAuto());
        shares = new DramShares(allocator, table, tenants, eviction);
        dram = new DramTier(allocator, table, shares, compressed, effects, counters, regret);
        foresight = new Foresight(table, eviction);
        answers = new Answers(table, counters, effects);
        loads = new Loads(limits, new Tiers(table, dram, compressed, counters, tenants), flights, answers, effects);
    }

    /** Cells are numbered from 0 to below this; a cell's bytes start at its number times 4,096. */
    public int units() {
        return allocator.units();
    }

    /** FETCH: answered at once from DRAM, else when the page has been inflated, or the swap store has answered. */
    public void fetch(int stream, long requestId, long vmId, long gfn, long version, PageSize size) {
        if (drops.contains(vmId)) {
            answer(vmId, stream, requestId, PageAnswer.ABSENT);
            return;
        }
        int cell = table.find(vmId, gfn, version);
        if (cell == PageTable.NONE) {
            fetchFromBelow(stream, requestId, vmId, gfn, version, size);
        } else if (allocator.sizeAt(cell) != size) {
            answer(vmId, stream, requestId, PageAnswer.CORRUPT);
        } else if (table.state(cell) == PageTable.LOADING) {
            loads.join(stream, requestId, cell);
        } else {
            dram.used(cell);
            answers.page(stream, requestId, cell, Tier.DRAM);
        }
    }

    /** To be told of fetches before they are made. */
    public Foresight foresight() {
        return foresight;
    }

    private void fetchFromBelow(int stream, long requestId, long vmId, long gfn, long version, PageSize size) {
        int row = compressed.find(vmId, gfn, version);
        if (row == CompressedTier.NONE) {
            loads.fetchFromStore(stream, requestId, vmId, gfn, version, size);
        } else if (compressed.pageSize(row) != size) {
            answer(vmId, stream, requestId, PageAnswer.CORRUPT);
        } else {
            loads.fetchFromRow(stream, requestId, row);
        }
    }

    /**
     * A row's page is in the cell that it was to be {@linkplain PagerEffects#inflate inflated} into.
     *
     * @param ok whether its bytes were found to match the cell's checksum; if not, the swap store is asked for them
     */
    public void inflated(int cell, int row, boolean ok) {
        loads.inflated(cell, row, ok);
    }

    /**
     * The page in a cell was {@linkplain PagerEffects#deflate deflated} into a row's blocks, or does not fit there.
     *
     * @param lengthBytes how long the page became; with more bytes than the row's blocks have, they hold nothing
     */
    public void deflated(int cell, int row, int lengthBytes) {
        dram.deflated(cell, row, lengthBytes);
    }

    /** The page in a cell, which was to be {@linkplain PagerEffects#deflate deflated}, is one word over and over. */
    public void sameFilled(int cell, int row, long word) {
        dram.sameFilled(cell, row, word);
    }

    /** PREFETCH: brings the page into DRAM if that costs no fetch anything. */
    public void prefetch(long vmId, long gfn, long version, PageSize size) {
        if (drops.contains(vmId)) {
            return;
        }
        int cell = table.find(vmId, gfn, version);
        if (cell != PageTable.NONE) {
            regret.hinted(cell);
        }
        if (cell != PageTable.NONE || compressed.find(vmId, gfn, version) != CompressedTier.NONE) {
            counters.of(vmId).prefetchesPresent++;
        } else {
            loads.prefetch(vmId, gfn, version, size);
        }
    }

    /**
     * The swap store has answered a {@link PagerEffects#load}.
     *
     * @param crc32c with DATA: the checksum that the page was stored with, which its bytes were found to match
     */
    public void loaded(int cell, LoadResult result, int crc32c) {
        loads.loaded(cell, result, crc32c);
    }

    /**
     * STORE, first half: a cell for the bytes, to be followed in the same turn by {@link #commitStore} or
     * {@link #rejectStore}; -1 if there is no room and the request was answered so.
     */
    public int beginStore(int stream, long requestId, long vmId, long gfn, long version, PageSize size) {
        Tenant tenant = tenants.of(vmId);
        boolean room = tenants.admits(tenant, tenant.storesInFlight, storesInFlight, storesInFlightMax)
                && flights.hasRoomForWaiter(tenant);
        int cell = room && !drops.contains(vmId) ? dram.allocate(size, tenant) : DramTier.NONE;
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
        int row = compressed.find(vmId, table.gfn(cell), table.version(cell));
        if (row != CompressedTier.NONE) {
            boolean same = compressed.pageSize(row) == allocator.sizeAt(cell) && compressed.checksum(row) == crc32c;
            dram.free(cell);
            answerRepeated(stream, requestId, vmId, same);
            return;
        }
        table.setState(cell, PageTable.STORING);
        table.setChecksum(cell, crc32c);
        if (isZero) {
            table.markZero(cell);
        }
        table.addToIndex(cell);
        int flight = flights.openFor(cell, table, false);
        flights.join(flight, stream, requestId);
        storesInFlight++;
        flights.tenant(flight).storesInFlight++;
        dram.count(cell);
        effects.store(cell);
    }

    /** A repeated STORE of a page that is here already, which a page never changes under. */
    private void repeatStore(int stream, long requestId, int known, boolean same) {
        long vmId = table.vmId(known);
        if (table.state(known) == PageTable.LOADING) {
            answer(vmId, stream, requestId, PageAnswer.UNAVAILABLE);
        } else if (same && table.state(known) == PageTable.STORING) {
            flights.join(table.flight(known), stream, requestId);
        } else {
            answerRepeated(stream, requestId, vmId, same);
        }
    }

    private void answerRepeated(int stream, long requestId, long vmId, boolean same) {
        if (same) {
            answer(vmId, stream, requestId, PageAnswer.STORED);
        } else {
            answers.rejectedStore(vmId, stream, requestId);
        }
    }

    /** STORE, second half: the bytes in the cell do not match the checksum they came with. */
    public void rejectStore(int stream, long requestId, int cell) {
        long vmId = table.vmId(cell);
        dram.free(cell);
        answers.rejectedStore(vmId, stream, requestId);
    }

    /**
     * The swap store has answered a {@link PagerEffects#store}: it has the page, or could not take it. A page that was
     * discarded meanwhile is deleted now, and also if it could not be taken: it may be there from an earlier store.
     */
    public void stored(int cell, boolean ok) {
        int flight = table.flight(cell);
        long vmId = table.vmId(cell);
        storesInFlight--;
        flights.tenant(flight).storesInFlight--;
        while (flights.isWaitedFor(flight)) {
            answer(
                    vmId,
                    flights.firstStream(flight),
                    flights.firstRequestId(flight),
                    ok ? PageAnswer.STORED : PageAnswer.UNAVAILABLE);
            flights.leaveFirst(flight);
        }
        flights.closeFor(cell, table);
        if (!table.isIndexed(cell)) {
            effects.delete(table.vmId(cell), table.gfn(cell), table.version(cell));
        }
        if (ok) {
            counters.of(vmId).storeStores++;
            dram.keep(cell);
        } else {
            dram.dropName(cell);
        }
    }

    /** DISCARD: forgets the page, in the pager's own tiers at once. */
    public void discard(long vmId, long gfn, long version) {
        if (drops.contains(vmId)) {
            return;
        }
        regret.discarded(vmId, gfn, version);
        int cell = table.find(vmId, gfn, version);
        if (cell == PageTable.NONE) {
            int row = compressed.find(vmId, gfn, version);
            if (row != CompressedTier.NONE) {
                compressed.forget(row);
            }
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

    /**
     * Says what a VM may have of the tiers and queues, from now on; until then it is {@link VmQuota#DEFAULT}.
     *
     * @return false if there are too many VMs
     */
    public boolean setQuota(long vmId, VmQuota quota) {
        if (!tenants.setQuota(vmId, quota)) {
            return false;
        }
        shares.quotaChanged(tenants.of(vmId));
        compressed.quotaChanged(tenants.of(vmId));
        return true;
    }

    /** Whether a VM is being forgotten: what is said of it now is forgotten too. */
    public boolean isDropping(long vmId) {
        return drops.contains(vmId);
    }

    /** The bytes of an {@link PagerEffects#answerData} have been read. */
    public void sent(int cell) {
        table.unpin(cell);
        dram.releaseIfUnused(cell);
    }

    /** An eviction policy for this pager's DRAM tier, as {@link PagerEffects#makePolicy} asks for. On any thread. */
    public EvictionPolicy newPolicy(PolicyKind kind) {
        return kind.create(allocator.units(), POOLS, table::identity);
    }

    /** The {@linkplain #newPolicy policy} that was {@linkplain PagerEffects#makePolicy asked for} is made. */
    public void policyMade(PolicyKind kind, EvictionPolicy made) {
        policies.made(kind, made);
    }

    /** Begins to replace the DRAM tier's policy, unless that is under way. */
    void switchPolicy(PolicyKind kind) {
        policies.begin(kind);
    }

    /**
     * To be called between requests: evicts ahead of demand, forgets VMs, changes policies. Whether there is more to do.
     */
    public boolean tidy() {
        boolean isEvicting = dram.tidy(EVICTIONS_AT_A_TIME);
        boolean isSwitching = policies.tidy(MOVES_AT_A_TIME);
        if (!drops.isEmpty()) {
            sweep(drops.first());
        }
        return isEvicting || isSwitching || !drops.isEmpty();
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
            drop.nextRow = sweepRows(drop);
        }
        if (drop.nextRow == compressed.rows() && end == allocator.units()) {
            drops.endFirst();
            counters.forget(drop.vmId);
            tenants.forget(drop.vmId);
            regret.vmForgotten(drop.vmId);
            effects.dropVm(drop.vmId, drop.pagesDropped);
        }
    }

    private int sweepRows(VmDrops.Drop drop) {
        int end = Math.min(compressed.rows(), drop.nextRow + SWEEP_UNITS);
        for (int row = drop.nextRow; row < end; row++) {
            if (compressed.isKept(row) && compressed.vmId(row) == drop.vmId) {
                compressed.forget(row);
                drop.pagesDropped++;
            }
        }
        return end;
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

    /** The compressed tier, for where its rows' bytes are. */
    public CompressedTier compressed() {
        return compressed;
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
        return statsOf(counters.total(), bytesInUse, compressed.bytesInUse());
    }

    /** Counters and gauges of one VM; all zeros for one that has not stored or found a page here. */
    public PagerStats stats(long vmId) {
        Counters own = counters.copyOf(vmId);
        return statsOf(own, own.pageBytes, own.compressedBytes);
    }

    /** What a VM has of the tiers and may have; for one that is not known, what it would be. */
    public VmShare share(long vmId) {
        Tenant tenant = tenants.look(vmId);
        Counters own = counters.copyOf(vmId);
        return new VmShare(
                tenant.quota,
                new VmShare.InTier(tenant.dramBytes, shares.shareBytes(tenant), own.dramEvictionsAboveShare),
                new VmShare.InTier(
                        compressed.heldBytes(tenant),
                        compressed.shareBytes(tenant),
                        own.compressedEvictionsAboveShare));
    }

    private PagerStats statsOf(Counters counts, long bytesInUse, long compressedBytes) {
        return new PagerStats(
                counts.dram(bytesInUse, (long) allocator.units() << CellAllocator.UNIT_SHIFT),
                counts.compressed(compressedBytes, compressed.bytesMax()),
                counts.store(),
                counts.refusals(),
                counts.prefetch(),
                counts.coalesced,
                loads.inFlight(),
                loads.queued(),
                storesInFlight,
                dram.deflationsInFlight(),
                new PagerStats.Regret(
                        policies.kind(),
                        policies.wanted(),
                        policies.switches(),
                        regret.share(),
                        counts.sampled.fetches(),
                        counts.sampled.misses(),
                        counts.sampled.shadowMisses()));
    }

    private void answer(long vmId, int stream, long requestId, PageAnswer answer) {
        answers.without(vmId, stream, requestId, answer);
    }
}
