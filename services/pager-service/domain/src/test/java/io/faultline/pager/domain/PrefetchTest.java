// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.PageSize;
import io.faultline.pager.domain.eviction.PolicyKind;
import org.junit.jupiter.api.Test;

/** What becomes of hints. */
class PrefetchTest {
    private static final long VM = 7;
    private static final long GFN = 0x4_2000L;
    private static final int CRC = 0x1234;
    private static final int STREAM = 3;
    private static final int LOADS = 4;
    private static final int QUEUED = 3;
    private static final int STORES = 2;
    private static final int WAITERS = 16;

    private final RecordingEffects effects = new RecordingEffects();
    private final Pager pager =
            new Pager(new PagerLimits(1 << 20, 0, LOADS, QUEUED, STORES, WAITERS), PolicyKind.W_TINYLFU, effects);

    @Test
    void prefetchesThatComeToNothingAreCountedByWhy() {
        pager.prefetch(VM, GFN, 1, PageSize.SIZE_4K);
        pager.loaded(effects.loads.getLast(), LoadResult.ABSENT, 0);
        pager.prefetch(VM, GFN + 1, 1, PageSize.SIZE_4K);
        pager.loaded(effects.loads.getLast(), LoadResult.DATA, CRC);
        pager.discard(VM, GFN + 1, 1);
        pager.prefetch(VM, GFN + 2, 1, PageSize.SIZE_4K);
        pager.discard(VM, GFN + 2, 1);
        pager.loaded(effects.loads.getLast(), LoadResult.DATA, CRC);
        pager.prefetch(VM, GFN + 3, 1, PageSize.SIZE_4K);
        pager.prefetch(VM, GFN + 3, 1, PageSize.SIZE_4K);

        PagerStats.Prefetch prefetch = pager.stats().prefetch();
        assertThat(prefetch).isEqualTo(new PagerStats.Prefetch(4, 0, 0, 0, 2, 1, 0, 0, 1));
        assertThat(prefetch.wasted()).isEqualTo(3);
    }

    @Test
    void aPrefetchThatIsDiscardedBeforeItsTurnIsNotLoaded() {
        Pager one = new Pager(new PagerLimits(1 << 20, 0, 1, 8, 1, 8), PolicyKind.W_TINYLFU, effects);
        one.fetch(STREAM, 1, VM, GFN, 1, PageSize.SIZE_4K);
        one.prefetch(VM, GFN + 1, 1, PageSize.SIZE_4K);
        one.prefetch(VM, GFN + 2, 1, PageSize.SIZE_4K);
        one.discard(VM, GFN + 1, 1);

        one.loaded(effects.loads.getFirst(), LoadResult.DATA, CRC);

        assertThat(effects.loads).extracting(one::gfn).containsExactly(GFN, GFN + 2);
        assertThat(one.stats().prefetch().dropped()).isEqualTo(1);
    }

    @Test
    void whatTheCompressedTierHasIsLeftThere() {
        Pager both = new Pager(
                new PagerLimits(1 << 20, 1 << 20, LOADS, QUEUED, STORES, WAITERS), PolicyKind.W_TINYLFU, effects);
        for (int i = 0; i < both.units() && effects.deflations.isEmpty(); i++) {
            int cell = both.beginStore(STREAM, 1, VM, GFN + i, 1, PageSize.SIZE_4K);
            both.commitStore(STREAM, 1, cell, CRC, false);
            both.stored(cell, true);
            both.tidy();
        }
        RecordingEffects.CellAndRow leaving = effects.deflations.getFirst();
        long gfn = both.gfn(leaving.cell());
        both.sameFilled(leaving.cell(), leaving.row(), 7);

        both.prefetch(VM, gfn, 1, PageSize.SIZE_4K);

        assertThat(effects.loads).isEmpty();
        assertThat(effects.inflations).isEmpty();
        assertThat(both.stats().prefetch().present()).isEqualTo(1);
    }

    @Test
    void hintsThatNobodyMakesUseOfStopPushingOthersOutOfAFullTier() {
        for (int i = 0; i < pager.units(); i++) {
            pager.stored(store(1, GFN + i), true);
            pager.tidy();
        }
        int hints = 0;
        while (hints < 100 * pager.units()) {
            pager.prefetch(VM + 1, hints++, 1, PageSize.SIZE_4K);
            if (!effects.loads.isEmpty()) {
                pager.loaded(effects.loads.removeFirst(), LoadResult.DATA, CRC);
            }
            pager.tidy();
            pager.stored(store(2, GFN - 1 - hints), true);
        }

        PagerStats.Prefetch prefetch = pager.stats().prefetch();
        assertThat(prefetch.issued()).isPositive();
        assertThat(prefetch.issued() - prefetch.evictedUnused())
                .as("unused and still there")
                .isLessThanOrEqualTo(pager.units() / 8);
    }

    @Test
    void aFloodOfHintsQueuesNoMoreThanItsBound() {
        Pager large =
                new Pager(new PagerLimits(1 << 26, 0, 8, 1 << 14, STORES, WAITERS), PolicyKind.W_TINYLFU, effects);

        for (int i = 0; i < 2_000; i++) {
            large.prefetch(VM, GFN + i, 1, PageSize.SIZE_4K);
        }

        assertThat(effects.loads).as("a quarter of what may be in flight").hasSize(2);
        assertThat(large.stats().loadsQueued()).isEqualTo(Loads.PREFETCHES_QUEUED_MAX);
        assertThat(large.stats().prefetch().dropped()).isEqualTo(2_000 - 2 - Loads.PREFETCHES_QUEUED_MAX);
    }

    @Test
    void noPrefetchBeginsWhileDemandTakesHalfOfTheStore() {
        fetch(1, GFN);
        fetch(2, GFN + 1);
        pager.prefetch(VM, GFN + 2, 1, PageSize.SIZE_4K);
        assertThat(effects.loads).extracting(pager::gfn).containsExactly(GFN, GFN + 1);

        pager.loaded(effects.loads.getFirst(), LoadResult.DATA, CRC);

        assertThat(effects.loads).extracting(pager::gfn).endsWith(GFN + 2);
    }

    private void fetch(long requestId, long gfn) {
        pager.fetch(STREAM, requestId, VM, gfn, 1, PageSize.SIZE_4K);
    }

    private int store(long requestId, long gfn) {
        int cell = pager.beginStore(STREAM, requestId, VM, gfn, 1, PageSize.SIZE_4K);
        pager.commitStore(STREAM, requestId, cell, CRC, false);
        return cell;
    }
}
