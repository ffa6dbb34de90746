// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.PageSize;
import io.faultline.model.Tier;
import io.faultline.pager.app.compression.CodecKind;
import io.faultline.pager.app.compression.Compressor;
import io.faultline.pager.app.store.PageReads;
import io.faultline.pager.app.store.PageWrites;
import io.faultline.pager.app.store.SwapStore;
import io.faultline.pager.domain.DramPolicy;
import io.faultline.pager.domain.LoadResult;
import io.faultline.pager.domain.PageAnswer;
import io.faultline.pager.domain.PagerLimits;
import io.faultline.pager.domain.PagerStats;
import io.faultline.pager.domain.eviction.PolicyKind;
import io.faultline.rpc.ServiceLoop;
import io.faultline.rpc.Turn;
import io.faultline.telemetry.trace.TraceQueue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/**
 * A flood of hints beside demand, for real: two pagers on one loop, each over a store whose few threads take their time for each
 * page, first come first served. Both meet the same demand at the same moments, one of them the flood as well. What it says is
 * coarse, as the machine may be busy; {@code DemandBesidePrefetchTest} of the domain is exact.
 */
class DemandBesidePrefetchIT {
    private static final long VM = 7;
    private static final int STORE_THREADS = 8;
    private static final long READ_NS = 5_000_000;
    /** One fetch in this time keeps half of the store's threads busy. */
    private static final long GAP_NS = 2 * READ_NS / STORE_THREADS;

    private static final int FETCHES = 1_500;
    private static final int HINTS_AT_A_TIME = 32;
    /** What a busy machine may add to a timer and two hand-overs between threads. */
    private static final long SLACK_NS = 20_000_000;

    private final ServiceLoop loop = ServiceLoop.start("host");
    private final Side quiet = new Side(loop);
    private final Side flooded = new Side(loop);
    private final CompletableFuture<PagerStats.Prefetch> ended = new CompletableFuture<>();
    private long lastGfn;
    private long lastHint = 1L << 30;

    @Test
    void aFetchDoesNotWaitForAFloodOfHints() throws Exception {
        loop.execute(this::demand);
        PagerStats.Prefetch prefetch = ended.get(60, TimeUnit.SECONDS);
        quiet.close();
        flooded.close();
        loop.close();

        long without = quiet.p90Ns();
        long with = flooded.p90Ns();
        System.out.printf(
                "p90 %d us without, %d us with the flood, which loaded %d pages and had %d hints dropped%n",
                without / 1_000, with / 1_000, prefetch.issued(), prefetch.dropped());
        assertThat(prefetch.dropped()).as("a flood").isPositive();
        assertThat(prefetch.issued()).isGreaterThan(100);
        assertThat(with).isLessThan(without + without / 2 + SLACK_NS);
    }

    private void demand() {
        if (lastGfn < FETCHES) {
            lastGfn++;
            for (int i = 0; i < HINTS_AT_A_TIME; i++) {
                flooded.host.prefetch(VM, ++lastHint, 1, PageSize.SIZE_4K);
            }
            quiet.fetch(lastGfn);
            flooded.fetch(lastGfn);
            loop.executeAfter(this::demand, GAP_NS);
        } else if (quiet.askedNs.isEmpty() && flooded.askedNs.isEmpty()) {
            ended.complete(flooded.host.stats().pager().prefetch());
        } else {
            loop.executeAfter(this::demand, GAP_NS);
        }
    }

    /** A pager with its store, and how long its fetches took. Loop thread only, until closed. */
    private static final class Side implements Answers {
        private final ServiceLoop loop;
        private final SlowStore store = new SlowStore();
        private final Compressor compressor;
        private final PagerHost host;
        private final Map<Long, Long> askedNs = new HashMap<>();
        private final List<Long> tookNs = new ArrayList<>();

        Side(ServiceLoop loop) {
            this.loop = loop;
            compressor = new Compressor(loop, CodecKind.LZ4, 1 << 20);
            PagerLimits limits = new PagerLimits(1 << 27, 1 << 20, STORE_THREADS, 1 << 14, 64, 1 << 14);
            host = new PagerHost(
                    loop,
                    new Turn(loop),
                    new PagerHost.Below(compressor, store),
                    this,
                    new PagerHost.Settings(limits, DramPolicy.fixed(PolicyKind.W_TINYLFU), 2),
                    new Watch(new PagerTimers(), new FetchTraces(TraceQueue.off(), loop::nowNs)));
        }

        void fetch(long gfn) {
            askedNs.put(gfn, loop.nowNs());
            host.fetch(0, gfn, VM, gfn, 1, PageSize.SIZE_4K);
        }

        long p90Ns() {
            Collections.sort(tookNs);
            return tookNs.get(FETCHES * 9 / 10);
        }

        void close() {
            store.close();
            compressor.close();
        }

        @Override
        public boolean answerData(int stream, long requestId, Tier tier, int cell) {
            throw new IllegalStateException("bytes (expected: zeros)");
        }

        @Override
        public void answer(int stream, long requestId, PageAnswer answer, Tier tier) {
            if (answer != PageAnswer.ZERO) {
                throw new IllegalStateException(answer + " (expected: ZERO)");
            }
            tookNs.add(loop.nowNs() - Objects.requireNonNull(askedNs.remove(requestId)));
        }
    }

    /** Every page holds zeros, and takes a thread so long. */
    private static final class SlowStore implements SwapStore {
        private final ExecutorService threads = new ThreadPoolExecutor(
                STORE_THREADS,
                STORE_THREADS,
                0,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                new ThreadPoolExecutor.DiscardPolicy());

        @Override
        public String name() {
            return "slow";
        }

        @Override
        public void read(PageReads asked) {
            for (int i = 0; i < asked.size(); i++) {
                PageReads page = asked.part(List.of(i));
                threads.execute(() -> {
                    long untilNs = System.nanoTime() + READ_NS;
                    for (long leftNs = READ_NS; leftNs > 0; leftNs = untilNs - System.nanoTime()) {
                        LockSupport.parkNanos(leftNs);
                    }
                    page.begin();
                    page.setResult(0, LoadResult.ZERO, 0);
                    page.answer();
                });
            }
        }

        @Override
        public void write(PageWrites asked) {
            throw new IllegalStateException("a write (expected: none)");
        }

        @Override
        public long pagesEstimate() {
            return 0;
        }

        /* What is being read is still answered, while the loop is there; nothing more is read. */
        @Override
        public void close() {
            threads.shutdownNow();
            threads.close();
        }
    }
}
