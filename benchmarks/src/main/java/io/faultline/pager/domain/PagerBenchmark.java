// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import io.faultline.benchmarks.Measured;
import io.faultline.model.PageSize;
import io.faultline.model.Tier;
import io.faultline.pager.domain.eviction.PolicyKind;
import java.util.Random;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A fetch in the pager's domain, with and without the shadows that tell what other policies would have missed; a DRAM tier
 * of 256 MiB, and a swap store that answers at once.
 */
public class PagerBenchmark extends Measured {
    private static final long DRAM_BYTES = 256L << 20;
    private static final int PAGES_RESIDENT = 1 << 15;
    private static final int PAGES_BELOW = 1 << 18;
    private static final int FETCHES = 1 << 18;
    private static final int FETCHES_A_TURN = 64;
    private static final int STREAM = 1;
    private static final long VM_ID = 1;
    private static final int CRC = 1;

    /** The pages of each shadow; 0 for none. */
    @Param({"0", "2048"})
    public int shadows;

    private final int[] gfns = new int[FETCHES];
    private final Answered answered = new Answered();
    private Pager pager;
    private int next;
    private int turn;
    private long fetches;

    /** Draws the fetches, and fills the tier. */
    @Setup
    public void fill() {
        Random random = new Random(1);
        for (int i = 0; i < FETCHES; i++) {
            gfns[i] = random.nextInt(PAGES_BELOW);
        }
        pager = new Pager(
                new PagerLimits(DRAM_BYTES, 0, 64, 64, 64, 64),
                new DramPolicy(PolicyKind.W_TINYLFU, false, shadows),
                answered);
        for (int page = 0; page < PAGES_RESIDENT; page++) {
            fetch(page);
        }
    }

    /** A page that DRAM has. */
    @Benchmark
    public int hit() {
        return fetch(gfns[next++ & (FETCHES - 1)] & (PAGES_RESIDENT - 1));
    }

    /** As {@link #hit}, of 64 pages that were foreseen. */
    @Benchmark
    @OperationsPerInvocation(FETCHES_A_TURN)
    public int foreseenHit() {
        int first = next;
        for (int i = 0; i < FETCHES_A_TURN; i++) {
            pager.foresight().expect(VM_ID, gfns[first + i & (FETCHES - 1)] & (PAGES_RESIDENT - 1), 1);
        }
        pager.foresight().touch();
        int cells = 0;
        for (int i = 0; i < FETCHES_A_TURN; i++) {
            cells += hit();
        }
        return cells;
    }

    /** A page of a working set four times as large as DRAM: three of four are loaded, and another leaves. */
    @Benchmark
    public int miss() {
        return fetch(PAGES_RESIDENT + gfns[next++ & (FETCHES - 1)]);
    }

    private int fetch(int gfn) {
        fetches++;
        pager.fetch(STREAM, fetches, VM_ID, gfn, 1, PageSize.SIZE_4K);
        if (answered.loading >= 0) {
            int cell = answered.loading;
            answered.loading = -1;
            pager.loaded(cell, LoadResult.DATA, CRC);
        }
        pager.sent(answered.cell);
        if (++turn == FETCHES_A_TURN) {
            turn = 0;
            pager.tidy();
        }
        return answered.cell;
    }

    /** Each fetch was answered with a page, and the shadows saw their share. */
    @TearDown
    public void check() {
        PagerStats stats = pager.stats();
        long sampled = stats.regret().fetches();
        if (answered.pages != fetches || sampled > 0 != shadows > 0) {
            throw new IllegalStateException(
                    "fetches: " + fetches + ", pages: " + answered.pages + ", sampled: " + sampled);
        }
    }

    /** Keeps what the next input needs. */
    private static final class Answered implements PagerEffects {
        private int cell;
        private int loading = -1;
        private long pages;

        @Override
        public void answerData(int stream, long requestId, Tier tier, int dataCell) {
            cell = dataCell;
            pages++;
        }

        @Override
        public void answer(int stream, long requestId, PageAnswer answer, Tier tier) {
            throw unexpected();
        }

        @Override
        public void load(int loadCell) {
            loading = loadCell;
        }

        @Override
        public void store(int storeCell) {
            throw unexpected();
        }

        @Override
        public void deflate(int deflateCell, int row) {
            throw unexpected();
        }

        @Override
        public void inflate(int inflateCell, int row) {
            throw unexpected();
        }

        @Override
        public void delete(long vmId, long gfn, long version) {
            throw unexpected();
        }

        @Override
        public void dropVm(long vmId, long pagesDropped) {
            throw unexpected();
        }

        @Override
        public void makePolicy(PolicyKind kind) {
            throw unexpected();
        }

        private static IllegalStateException unexpected() {
            return new IllegalStateException("only data and loads are expected");
        }
    }
}
