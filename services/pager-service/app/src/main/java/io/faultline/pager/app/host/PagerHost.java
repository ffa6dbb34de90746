// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.host;

import io.faultline.model.PageSize;
import io.faultline.model.Tier;
import io.faultline.pager.app.compression.Compressor;
import io.faultline.pager.app.compression.Deflations;
import io.faultline.pager.app.memory.DramSlab;
import io.faultline.pager.app.memory.PageContents;
import io.faultline.pager.app.store.PageReads;
import io.faultline.pager.app.store.PageWrites;
import io.faultline.pager.app.store.StoreKey;
import io.faultline.pager.app.store.SwapStore;
import io.faultline.pager.domain.DramPolicy;
import io.faultline.pager.domain.Foresight;
import io.faultline.pager.domain.PageAnswer;
import io.faultline.pager.domain.Pager;
import io.faultline.pager.domain.PagerEffects;
import io.faultline.pager.domain.PagerLimits;
import io.faultline.pager.domain.PagerStats;
import io.faultline.pager.domain.VmQuota;
import io.faultline.pager.domain.VmShare;
import io.faultline.pager.domain.eviction.EvictionPolicy;
import io.faultline.pager.domain.eviction.PolicyKind;
import io.faultline.rpc.ServiceLoop;
import io.faultline.rpc.Turn;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a {@link Pager} with real memory and a real swap store. What one turn asks of the store goes out together at
 * the end of the turn; the store's answers come back to the loop. Loop thread only, but for the constructor.
 */
public final class PagerHost extends Turn.Output {
    private static final Logger LOG = LoggerFactory.getLogger(PagerHost.class);

    /** Page bytes that are inflated in a turn: 64 pages of 4 KiB, a tenth of a millisecond by LZ4. */
    private static final int INFLATED_BYTES_A_TURN = 1 << 18;

    private final ServiceLoop loop;
    private final SwapStore store;
    private final Answers answers;
    private final Watch watch;
    private final int deletesInFlightMax;
    private final Pager pager;
    private final DramSlab slab;
    private final Compressor compressor;
    private final PageContents contents = new PageContents();
    private final List<DropWaiter> dropWaiters = new ArrayList<>();

    private StoreTurn storeTurn = new StoreTurn();
    private PageReads reads = new PageReads(storeTurn::readOffLoop);
    private PageReads prefetches = PageReads.ofPrefetches(storeTurn::readOffLoop);
    private PageWrites writes = new PageWrites(storeTurn::writtenOffLoop);
    private final ArrayDeque<Inflation> inflations = new ArrayDeque<>();
    private int[] sentCells = new int[64];
    private int sentCount;
    private int deletesInFlight;
    private long deletesDropped;
    private @Nullable Runnable whenStored;

    /** A pager with nothing in DRAM. */
    public PagerHost(ServiceLoop loop, Turn turn, Below below, Answers answers, Settings settings, Watch watch) {
        super(turn);
        this.loop = loop;
        store = below.store();
        compressor = below.compressor();
        this.answers = answers;
        this.watch = watch;
        deletesInFlightMax = settings.deletesInFlightMax();
        pager = new Pager(settings.limits(), settings.dramPolicy(), new Effects());
        slab = new DramSlab(pager.units());
    }

    /** FETCH, answered through {@link Answers}. */
    public void fetch(int stream, long requestId, long vmId, long gfn, long version, PageSize size) {
        mark();
        pager.fetch(stream, requestId, vmId, gfn, version, size);
    }

    /** To be told of fetches before they are made. */
    public Foresight foresight() {
        return pager.foresight();
    }

    /** PREFETCH, not answered. */
    public void prefetch(long vmId, long gfn, long version, PageSize size) {
        mark();
        pager.prefetch(vmId, gfn, version, size);
    }

    /** DISCARD, not answered. */
    public void discard(long vmId, long gfn, long version) {
        mark();
        pager.discard(vmId, gfn, version);
    }

    /**
     * STORE, first half: a cell to copy the bytes into, to be followed by {@link #endStore}; -1 if the request was
     * refused and answered so.
     */
    public int beginStore(int stream, long requestId, long vmId, long gfn, long version, PageSize size) {
        mark();
        return pager.beginStore(stream, requestId, vmId, gfn, version, size);
    }

    /** STORE, second half: the bytes are in the cell; kept if they match the checksum they came with. */
    public void endStore(int stream, long requestId, int cell, int crc32c) {
        MemorySegment page = page(cell);
        if (contents.crc32c(page) == crc32c) {
            pager.commitStore(stream, requestId, cell, crc32c, PageContents.isZero(page));
        } else {
            pager.rejectStore(stream, requestId, cell);
        }
    }

    /**
     * Forgets a VM in every tier.
     *
     * @return false if too many VMs are being forgotten already; then {@code whenDropped} is not called
     */
    public boolean dropVm(long vmId, WhenDropped whenDropped) {
        mark();
        if (!pager.dropVm(vmId)) {
            return false;
        }
        dropWaiters.add(new DropWaiter(vmId, whenDropped));
        return true;
    }

    /** The bytes of an {@link Answers#answerData} were copied out. */
    public void sent(int cell) {
        if (sentCount == sentCells.length) {
            sentCells = Arrays.copyOf(sentCells, 2 * sentCount);
        }
        sentCells[sentCount++] = cell;
        mark();
    }

    /** The memory that a cell lies in, at {@link DramSlab#offset}. */
    public MemorySegment memory(int cell) {
        return slab.memory(cell);
    }

    /** The size of the page in a cell, in bytes. */
    public int sizeBytes(int cell) {
        return pager.pageSize(cell).bytes();
    }

    /** The checksum of the page in a cell. */
    public int checksum(int cell) {
        return pager.checksum(cell);
    }

    /** Counters and gauges of one VM; the host's own are of all VMs. */
    public PagerStats stats(long vmId) {
        return pager.stats(vmId);
    }

    /** What a VM has of the tiers, and may have. */
    public VmShare share(long vmId) {
        return pager.share(vmId);
    }

    /** Whether a VM is being forgotten. */
    public boolean isDropping(long vmId) {
        return pager.isDropping(vmId);
    }

    /** Says what a VM may have of the tiers, from now on; false if there are too many VMs. */
    public boolean setQuota(long vmId, VmQuota quota) {
        mark();
        return pager.setQuota(vmId, quota);
    }

    /** Counters and gauges of this moment. */
    public HostStats stats() {
        return new HostStats(
                pager.stats(),
                store.name(),
                store.pagesEstimate(),
                slab.allocatedBytes(),
                compressor.allocatedBytes(),
                deletesDropped);
    }

    /** Calls back once the swap store has answered every store it was given. */
    public void drain(Runnable whenDone) {
        whenStored = whenDone;
        mark();
    }

    @Override
    protected void endOfTurn() {
        for (int i = 0; i < sentCount; i++) {
            pager.sent(sentCells[i]);
        }
        sentCount = 0;
        inflate();
        boolean more = pager.tidy() || !inflations.isEmpty();
        compressor.deflate(this::deflated);
        askStore();
        if (more) {
            loop.execute(this::mark);
        }
        Runnable drained = whenStored;
        if (drained != null && pager.storesInFlight() == 0) {
            whenStored = null;
            drained.run();
        }
    }

    /* A part of a turn at most, so that what DRAM has does not wait for what is compressed. */
    private void inflate() {
        int left = INFLATED_BYTES_A_TURN;
        while (left > 0 && !inflations.isEmpty()) {
            Inflation next = inflations.remove();
            left -= sizeBytes(next.cell);
            boolean ok = compressor.inflate(pager.compressed(), next.row, page(next.cell), pager.checksum(next.cell));
            pager.inflated(next.cell, next.row, ok);
        }
    }

    private MemorySegment page(int cell) {
        return slab.page(cell, sizeBytes(cell));
    }

    private void deflated(Deflations deflations) {
        mark();
        deflations.tell(pager);
    }

    private void askStore() {
        PageReads askedReads = reads;
        PageReads askedPrefetches = prefetches;
        PageWrites askedWrites = writes;
        boolean hasReads = askedReads.size() > 0;
        boolean hasPrefetches = askedPrefetches.size() > 0;
        boolean hasWrites = !askedWrites.isEmpty();
        if (!hasReads && !hasPrefetches && !hasWrites) {
            return;
        }
        storeTurn.askedNs = loop.nowNs();
        storeTurn = new StoreTurn();
        reads = new PageReads(storeTurn::readOffLoop);
        prefetches = PageReads.ofPrefetches(storeTurn::readOffLoop);
        writes = new PageWrites(storeTurn::writtenOffLoop);
        if (hasReads) {
            store.read(askedReads);
        }
        if (hasWrites) {
            store.write(askedWrites);
        }
        if (hasPrefetches) {
            store.read(askedPrefetches);
        }
    }

    /** What one turn asked of the store, and when. */
    private final class StoreTurn {
        private long askedNs;

        void readOffLoop(PageReads answered) {
            loop.execute(() -> {
                mark();
                long tookNs = loop.nowNs() - askedNs;
                for (int i = 0; i < answered.size(); i++) {
                    watch.timers().read(answered.result(i), tookNs);
                    watch.traces().loaded(answered.key(i), answered.result(i), askedNs);
                    pager.loaded(answered.cell(i), answered.result(i), answered.crc32c(i));
                }
            });
        }

        void writtenOffLoop(PageWrites answered, boolean ok) {
            loop.execute(() -> {
                mark();
                int puts = 0;
                for (PageWrites.Write write : answered.all()) {
                    switch (write) {
                        case PageWrites.Put put -> {
                            puts++;
                            pager.stored(put.cell(), ok);
                        }
                        case PageWrites.Delete _ -> deletesInFlight--;
                        case PageWrites.DropVm drop -> drop.whenDone().accept(ok);
                    }
                }
                if (puts > 0) {
                    watch.timers().written(ok, loop.nowNs() - askedNs, puts);
                }
            });
        }
    }

    /**
     * What holds pages that are not in DRAM.
     *
     * @param compressor holds those that shrank
     * @param store holds all
     */
    public record Below(Compressor compressor, SwapStore store) {}

    private record Inflation(int cell, int row) {}

    /**
     * What a pager is made with.
     *
     * @param limits the domain's bounds
     * @param dramPolicy by what the DRAM tier evicts
     * @param deletesInFlightMax deletes that the swap store is given at a time; beyond it they are dropped
     */
    public record Settings(PagerLimits limits, DramPolicy dramPolicy, int deletesInFlightMax) {}

    /**
     * The domain's counters and the host's own.
     *
     * @param pager the domain's
     * @param storeName the kind of swap store
     * @param storePages about how many pages the swap store holds
     * @param dramAllocatedBytes memory that the DRAM tier has taken so far
     * @param compressedAllocatedBytes memory that the compressed tier has taken so far
     * @param deletesDropped discards that the swap store was not told of, for want of room
     */
    public record HostStats(
            PagerStats pager,
            String storeName,
            long storePages,
            long dramAllocatedBytes,
            long compressedAllocatedBytes,
            long deletesDropped) {}

    /** Learns that a VM is forgotten. */
    @FunctionalInterface
    public interface WhenDropped {
        /** DRAM gave so many pages back, and the swap store forgot the VM, or could not. */
        void accept(long pagesDropped, boolean ok);
    }

    private record DropWaiter(long vmId, WhenDropped whenDropped) {}

    /** What the domain asks for, gathered until the end of the turn. */
    private final class Effects implements PagerEffects {
        @Override
        public void answerData(int stream, long requestId, Tier tier, int cell) {
            if (!answers.answerData(stream, requestId, tier, cell)) {
                sent(cell);
            }
        }

        @Override
        public void answer(int stream, long requestId, PageAnswer answer, Tier tier) {
            answers.answer(stream, requestId, answer, tier);
        }

        @Override
        public void load(int cell) {
            reads.add(cell, key(cell), page(cell));
        }

        @Override
        public void prefetch(int cell) {
            prefetches.add(cell, key(cell), page(cell));
        }

        @Override
        public void store(int cell) {
            writes.add(new PageWrites.Put(cell, key(cell), page(cell), pager.checksum(cell), pager.isZero(cell)));
        }

        @Override
        public void deflate(int cell, int row) {
            compressor.add(pager.compressed(), cell, row, page(cell));
        }

        @Override
        public void inflate(int cell, int row) {
            inflations.add(new Inflation(cell, row));
        }

        @Override
        public void delete(long vmId, long gfn, long version) {
            if (deletesInFlight < deletesInFlightMax) {
                deletesInFlight++;
                writes.add(new PageWrites.Delete(new StoreKey(vmId, gfn, version)));
            } else {
                deletesDropped++;
            }
        }

        @Override
        public void dropVm(long vmId, long pagesDropped) {
            List<WhenDropped> waiters = new ArrayList<>();
            dropWaiters.removeIf(waiter -> waiter.vmId() == vmId && waiters.add(waiter.whenDropped()));
            writes.add(new PageWrites.DropVm(vmId, ok -> waiters.forEach(waiter -> waiter.accept(pagesDropped, ok))));
        }

        @Override
        public void makePolicy(PolicyKind kind) {
            Thread.ofPlatform().daemon().name("pager-policy").start(() -> {
                EvictionPolicy made = pager.newPolicy(kind);
                loop.execute(() -> {
                    mark();
                    pager.policyMade(kind, made);
                    LOG.info("the DRAM tier evicts by {} from now on", kind);
                });
            });
        }

        private StoreKey key(int cell) {
            return new StoreKey(pager.vmId(cell), pager.gfn(cell), pager.version(cell));
        }
    }
}
