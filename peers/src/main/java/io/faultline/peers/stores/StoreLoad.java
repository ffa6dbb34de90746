// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.peers.stores;

import io.faultline.pager.app.memory.PageContents;
import io.faultline.pager.app.store.PageReads;
import io.faultline.pager.app.store.PageWrites;
import io.faultline.pager.app.store.StoreKey;
import io.faultline.pager.app.store.SwapStore;
import io.faultline.pager.domain.LoadResult;
import io.faultline.peers.CpuMeter;
import io.faultline.peers.Peer;
import io.faultline.peers.Sample;
import io.faultline.peers.pages.PageSet;
import io.faultline.peers.stores.StoreShape.Operation;
import io.faultline.rpc.ServiceLoop;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * Asks a swap store as the pager does: from one loop, what a turn has to ask in one batch, so many pages under way. The
 * caller's thread waits while the loop works.
 */
final class StoreLoad implements Peer<StoreShape>, AutoCloseable {
    private static final long VM_ID = 1;
    private static final int SIZE = PageSet.PAGE_BYTES;
    private static final long PATIENCE_S = 120;
    private static final int IN_FLIGHT_MAX = 1_024;
    private static final int POPULATE_IN_FLIGHT = 64;
    private static final double NS_A_US = 1_000;
    private static final double NS_A_S = 1e9;

    private final String name;
    private final SwapStore store;
    private final PageSet set;
    private final CpuMeter cpu = new CpuMeter();
    private final ServiceLoop loop;
    private final PageContents contents = new PageContents();
    private final SplittableRandom random = new SplittableRandom(1);
    private final MemorySegment memory = Arena.ofAuto().allocate((long) IN_FLIGHT_MAX * SIZE);
    /** Page n was stored under the version that this says; a page that is stored again gets the next. */
    private final long[] versions;

    StoreLoad(String name, SwapStore store, PageSet set) {
        this.name = name;
        this.store = store;
        this.set = set;
        versions = new long[set.pages()];
        loop = ServiceLoop.start(name);
    }

    @Override
    public String name() {
        return name;
    }

    /** Stores every page once. */
    void populate() throws Exception {
        Arrays.fill(versions, 1);
        Window window = new Window(new StoreShape(Operation.STORE, POPULATE_IN_FLIGHT), 0, set.pages());
        run(window);
    }

    @Override
    public Sample run(StoreShape shape, long durationNs) throws Exception {
        cpu.begin();
        Window window = new Window(shape, durationNs, 0);
        run(window);
        double seconds = (window.endNs - window.beginNs) / NS_A_S;
        return new Sample(
                window.ended / seconds,
                window.latencyNs.getValueAtPercentile(50) / NS_A_US,
                window.latencyNs.getValueAtPercentile(99) / NS_A_US,
                cpu.end(window.ended, "page"));
    }

    private void run(Window window) throws Exception {
        loop.execute(window::begin);
        window.done.get(PATIENCE_S + TimeUnit.NANOSECONDS.toSeconds(window.durationNs), TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        store.close();
        loop.close();
    }

    /** One window of work; loop thread only, but for its end. */
    private final class Window {
        private final StoreShape shape;
        private final long durationNs;
        /** When all pages are to be stored once: how many; else 0. */
        private final int wanted;

        private final Histogram latencyNs = new Histogram(3);
        private final CompletableFuture<Void> done = new CompletableFuture<>();
        private final ArrayDeque<Integer> free = new ArrayDeque<>();
        private final long[] sentNs = new long[IN_FLIGHT_MAX];
        private final int[] pageOf = new int[IN_FLIGHT_MAX];
        private long beginNs;
        private long endNs;
        private int began;
        private long ended;
        private int busy;
        private boolean askScheduled;

        Window(StoreShape shape, long durationNs, int wanted) {
            this.shape = shape;
            this.durationNs = durationNs;
            this.wanted = wanted;
        }

        void begin() {
            beginNs = System.nanoTime();
            endNs = beginNs;
            for (int cell = 0; cell < shape.inFlight(); cell++) {
                free.add(cell);
            }
            ask();
        }

        private boolean goesOn() {
            return wanted > 0 ? began < wanted : endNs - beginNs < durationNs;
        }

        private void ask() {
            askScheduled = false;
            try {
                if (shape.operation() == Operation.FETCH) {
                    fetch();
                } else {
                    put();
                }
            } catch (RuntimeException e) {
                done.completeExceptionally(e);
            }
            if (busy == 0) {
                done.complete(null);
            }
        }

        private void fetch() {
            PageReads reads = new PageReads(part -> loop.execute(() -> fetched(part)));
            while (!free.isEmpty() && goesOn()) {
                int cell = begin(random.nextInt(set.pages()));
                reads.add(cell, new StoreKey(VM_ID, pageOf[cell], versions[pageOf[cell]]), page(cell));
            }
            if (reads.size() > 0) {
                store.read(reads);
            }
        }

        private void put() {
            PageWrites writes = new PageWrites((part, ok) -> loop.execute(() -> written(part, ok)));
            while (!free.isEmpty() && goesOn()) {
                boolean isFirst = wanted > 0;
                int cell = begin(isFirst ? began : random.nextInt(set.pages()));
                int number = pageOf[cell];
                MemorySegment page = page(cell);
                PageSet.fill(number, page, 0);
                if (!isFirst) {
                    // As write-out does: a new name, and the old one is not needed any more.
                    writes.add(new PageWrites.Delete(new StoreKey(VM_ID, number, versions[number]++)));
                }
                StoreKey key = new StoreKey(VM_ID, number, versions[number]);
                writes.add(new PageWrites.Put(cell, key, page, contents.crc32c(page), false));
            }
            if (!writes.isEmpty()) {
                store.write(writes);
            }
        }

        private int begin(int page) {
            int cell = free.remove();
            pageOf[cell] = page;
            sentNs[cell] = System.nanoTime();
            began++;
            busy++;
            return cell;
        }

        private void fetched(PageReads part) {
            for (int i = 0; i < part.size(); i++) {
                int cell = part.cell(i);
                if (part.result(i) != LoadResult.DATA) {
                    done.completeExceptionally(new IllegalStateException(
                            name + ": page " + pageOf[cell] + " is " + part.result(i) + " (expected: DATA)"));
                    return;
                }
                PageSet.require(pageOf[cell], memory, (long) cell * SIZE);
                ended(cell);
            }
        }

        private void written(PageWrites part, boolean ok) {
            if (!ok) {
                done.completeExceptionally(new IllegalStateException(name + ": pages were not stored"));
                return;
            }
            for (PageWrites.Write write : part.all()) {
                if (write instanceof PageWrites.Put put) {
                    ended(put.cell());
                }
            }
        }

        private void ended(int cell) {
            endNs = System.nanoTime();
            latencyNs.recordValue(endNs - sentNs[cell]);
            ended++;
            busy--;
            free.add(cell);
            if (!askScheduled) {
                askScheduled = true;
                loop.execute(this::ask);
            }
        }

        private MemorySegment page(int cell) {
            return memory.asSlice((long) cell * SIZE, SIZE);
        }
    }
}
