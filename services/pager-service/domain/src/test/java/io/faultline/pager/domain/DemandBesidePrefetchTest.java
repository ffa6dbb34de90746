// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.PageSize;
import io.faultline.model.Tier;
import io.faultline.pager.domain.eviction.PolicyKind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a flood of hints costs those who wait: in virtual time, over a store that takes a fixed time a read and does so many at
 * once, first come first served. The same demand is met once without the flood and once with it.
 */
class DemandBesidePrefetchTest {
    private static final long SERVICE_US = 1_000;
    private static final long RUN_US = 4_000 * SERVICE_US;
    private static final long DRAM_BYTES = 1L << 29;
    private static final double P99_FACTOR_MAX = 1.5;
    private static final int HINTS_AT_A_TIME = 4;

    @ParameterizedTest
    @CsvSource({"8, 0.1", "8, 0.3", "8, 0.5", "8, 0.7", "32, 0.5", "64, 0.3", "64, 0.5", "64, 0.7", "64, 0.9"})
    void demandsP99StaysWithinHalfAgainOfWhatItIsWithout(int parallelism, double load) {
        Run quiet = new Run(parallelism, load, false);
        Run flooded = new Run(parallelism, load, true);
        long without = quiet.p99Us();
        long with = flooded.p99Us();

        PagerStats.Prefetch prefetch = flooded.pager.stats().prefetch();
        System.out.printf(
                "parallelism %d, load %.1f: p99 %d us without, %d us with the flood, %d prefetches, %d dropped%n",
                parallelism, load, without, with, prefetch.issued(), prefetch.dropped());
        assertThat(prefetch.dropped()).as("a flood").isPositive();
        assertThat(flooded.latencies).hasSameSizeAs(quiet.latencies);
        assertThat((double) with).isLessThanOrEqualTo(P99_FACTOR_MAX * without);
    }

    @ParameterizedTest
    @CsvSource({"8, 2", "64, 16", "1024, 16"})
    void withoutDemandAFloodKeepsItsShareBusy(int parallelism, int share) {
        Run run = new Run(parallelism, 0, true);
        run.go();

        long reads = RUN_US / SERVICE_US;
        assertThat(run.pager.stats().prefetch().issued())
                .isBetween(share * reads, share * (reads + 1) + Loads.PREFETCHES_QUEUED_MAX);
    }

    /** One run. */
    private static final class Run implements PagerEffects {
        private static final long VM = 1;
        private static final int STREAM = 1;
        private static final long FIRST_HINTED_GFN = 1L << 30;

        private final Random random = new Random(1);
        private final int parallelism;
        private final boolean isFlooded;
        private final double arrivalsPerUs;
        private final Map<Long, Long> askedAtUs = new HashMap<>();
        private final ArrayDeque<Integer> storeQueue = new ArrayDeque<>();
        private final PriorityQueue<Event> events = new PriorityQueue<>(
                (a, b) -> a.atUs != b.atUs ? Long.compare(a.atUs, b.atUs) : Long.compare(a.order, b.order));
        private final List<Long> latencies = new ArrayList<>();
        private final Pager pager;
        private long nowUs;
        private long order;
        private int busy;
        private long lastGfn;
        private long lastHintedGfn = FIRST_HINTED_GFN;

        Run(int parallelism, double load, boolean isFlooded) {
            this.parallelism = parallelism;
            this.isFlooded = isFlooded;
            this.arrivalsPerUs = load * parallelism / SERVICE_US;
            pager = new Pager(
                    new PagerLimits(DRAM_BYTES, 0, parallelism, 1 << 14, 1, 1 << 14), PolicyKind.W_TINYLFU, this);
        }

        /** Something at its time. */
        private record Event(long atUs, long order, Runnable what) {}

        long p99Us() {
            go();
            assertThat(latencies).hasSizeGreaterThan(1_000);
            Collections.sort(latencies);
            return latencies.get((int) Math.ceil(latencies.size() * 0.99) - 1);
        }

        void go() {
            if (arrivalsPerUs > 0) {
                arrive();
            }
            if (isFlooded) {
                at(0, this::flood);
            }
            while (!events.isEmpty()) {
                Event next = events.remove();
                nowUs = next.atUs;
                next.what.run();
            }
            assertThat(askedAtUs).isEmpty();
        }

        private void arrive() {
            long gapUs = Math.round(-Math.log(1 - random.nextDouble()) / arrivalsPerUs);
            if (nowUs + gapUs >= RUN_US) {
                return;
            }
            at(nowUs + gapUs, () -> {
                long gfn = ++lastGfn;
                askedAtUs.put(gfn, nowUs);
                pager.fetch(STREAM, gfn, VM, gfn, 1, PageSize.SIZE_4K);
                arrive();
            });
        }

        /** More hints than can be followed: the queue for them is full all the time. */
        private void flood() {
            int hints = nowUs == 0 ? 2 * Loads.PREFETCHES_QUEUED_MAX : HINTS_AT_A_TIME;
            for (int i = 0; i < hints; i++) {
                pager.prefetch(VM, ++lastHintedGfn, 1, PageSize.SIZE_4K);
            }
            if (nowUs + SERVICE_US / 10 < RUN_US) {
                at(nowUs + SERVICE_US / 10, this::flood);
            }
        }

        private void at(long atUs, Runnable what) {
            events.add(new Event(atUs, order++, what));
        }

        @Override
        public void load(int cell) {
            storeQueue.add(cell);
            serve();
        }

        private void serve() {
            while (busy < parallelism && !storeQueue.isEmpty()) {
                int cell = storeQueue.remove();
                busy++;
                at(nowUs + SERVICE_US, () -> {
                    busy--;
                    pager.loaded(cell, LoadResult.DATA, 1);
                    serve();
                });
            }
        }

        @Override
        public void answerData(int stream, long requestId, Tier tier, int cell) {
            long askedUs = Objects.requireNonNull(askedAtUs.remove(requestId));
            latencies.add(nowUs - askedUs);
            at(nowUs, () -> pager.sent(cell));
        }

        @Override
        public void answer(int stream, long requestId, PageAnswer answer, Tier tier) {
            throw new AssertionError(answer + " (expected: a page)");
        }

        @Override
        public void store(int cell) {
            throw new AssertionError("a store (expected: none)");
        }

        @Override
        public void deflate(int cell, int row) {
            throw new AssertionError("a deflation (expected: none)");
        }

        @Override
        public void inflate(int cell, int row) {
            throw new AssertionError("an inflation (expected: none)");
        }

        @Override
        public void delete(long vmId, long gfn, long version) {
            throw new AssertionError("a delete (expected: none)");
        }

        @Override
        public void dropVm(long vmId, long pagesDropped) {
            throw new AssertionError("a drop (expected: none)");
        }

        @Override
        public void makePolicy(PolicyKind kind) {
            throw new AssertionError("another policy (expected: the one given)");
        }
    }
}
