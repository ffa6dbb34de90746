// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.model.PageSize;
import io.faultline.pager.domain.eviction.PolicyKind;
import org.junit.jupiter.api.Test;

class PagerTest {
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
    void aPageOfTheSwapStoreIsFetchedOnceForAllWhoAsk() {
        fetch(1, GFN);
        fetch(2, GFN);
        fetch(3, GFN);
        assertThat(effects.loads).hasSize(1);

        pager.loaded(effects.loads.getFirst(), LoadResult.DATA, CRC);

        assertThat(effects.takeAnswers())
                .containsExactly("3/1 DATA SWAP_STORE", "3/2 DATA SWAP_STORE", "3/3 DATA SWAP_STORE");
        assertThat(pager.checksum(effects.dataCells.getFirst())).isEqualTo(CRC);
        assertThat(pager.stats().coalesced()).isEqualTo(2);
    }

    @Test
    void aPageThatWasFetchedIsFoundInDram() {
        fetch(1, GFN);
        pager.loaded(effects.loads.getFirst(), LoadResult.DATA, CRC);
        effects.takeAnswers();

        fetch(2, GFN);

        assertThat(effects.takeAnswers()).containsExactly("3/2 DATA DRAM");
        assertThat(effects.loads).hasSize(1);
    }

    @Test
    void everyWaiterLearnsWhyThereIsNoPage() {
        for (LoadResult result : new LoadResult[] {LoadResult.ABSENT, LoadResult.CORRUPT, LoadResult.UNAVAILABLE}) {
            fetch(1, GFN);
            fetch(2, GFN);

            pager.loaded(effects.loads.removeFirst(), result, 0);

            assertThat(effects.takeAnswers()).containsExactly("3/1 " + result, "3/2 " + result);
            assertThat(pager.stats().dram().bytes()).isZero();
        }
        assertThat(pager.stats().refusals()).isEqualTo(new PagerStats.Refusals(2, 2, 2, 0));
    }

    @Test
    void aPageThatTooManyAnswersReadIsUnavailableUntilOneIsSent() {
        fetch(0, GFN);
        int cell = effects.loads.getFirst();
        pager.loaded(cell, LoadResult.DATA, CRC);
        for (int reader = 1; reader < PageTable.PINS_MAX; reader++) {
            fetch(reader, GFN);
        }
        effects.takeAnswers();

        fetch(1, GFN);
        pager.sent(cell);
        fetch(2, GFN);

        assertThat(effects.takeAnswers()).containsExactly("3/1 UNAVAILABLE", "3/2 DATA DRAM");
    }

    @Test
    void aPageOfZerosIsAnsweredWithoutBytes() {
        fetch(1, GFN);
        pager.loaded(effects.loads.getFirst(), LoadResult.ZERO, 0);
        fetch(2, GFN);

        assertThat(effects.takeAnswers()).containsExactly("3/1 ZERO SWAP_STORE", "3/2 ZERO DRAM");
    }

    @Test
    void aStoreIsAnsweredWhenTheSwapStoreHasThePageAndFetchedBefore() {
        int cell = store(1, GFN);
        fetch(2, GFN);
        assertThat(effects.takeAnswers()).containsExactly("3/2 DATA DRAM");

        pager.stored(cell, true);

        assertThat(effects.takeAnswers()).containsExactly("3/1 STORED");
        assertThat(effects.loads).isEmpty();
    }

    @Test
    void aStoreThatFailsLeavesNothingInDram() {
        int cell = store(1, GFN);

        pager.stored(cell, false);
        fetch(2, GFN);

        assertThat(effects.takeAnswers()).containsExactly("3/1 UNAVAILABLE");
        assertThat(effects.loads).hasSize(1);
    }

    @Test
    void theBytesOfAFailedStoreStayUntilTheyAreSent() {
        int cell = store(1, GFN);
        fetch(2, GFN);

        pager.stored(cell, false);
        assertThat(pager.stats().dram().pages()).isEqualTo(1);
        pager.sent(cell);

        assertThat(pager.stats().dram().bytes()).isZero();
    }

    @Test
    void aRepeatedStoreIsAnsweredWithTheFirst() {
        int cell = store(1, GFN);
        store(2, GFN);
        assertThat(effects.stores).hasSize(1);

        pager.stored(cell, true);
        store(3, GFN);

        assertThat(effects.takeAnswers()).containsExactly("3/1 STORED", "3/2 STORED", "3/3 STORED");
        assertThat(effects.stores).hasSize(1);
        assertThat(pager.stats().dram().pages()).isEqualTo(1);
    }

    @Test
    void anotherPageUnderTheSameNameIsCorrupt() {
        pager.stored(store(1, GFN), true);
        effects.takeAnswers();

        int cell = pager.beginStore(STREAM, 2, VM, GFN, 1, PageSize.SIZE_4K);
        pager.commitStore(STREAM, 2, cell, CRC + 1, false);

        assertThat(effects.takeAnswers()).containsExactly("3/2 CORRUPT");
        assertThat(pager.stats().refusals().rejectedStores()).isEqualTo(1);
    }

    @Test
    void aStoreWhoseBytesDoNotMatchIsCorruptAndNotKept() {
        int cell = pager.beginStore(STREAM, 1, VM, GFN, 1, PageSize.SIZE_4K);
        pager.rejectStore(STREAM, 1, cell);

        assertThat(effects.takeAnswers()).containsExactly("3/1 CORRUPT");
        assertThat(effects.stores).isEmpty();
        assertThat(pager.stats().dram().bytes()).isZero();
    }

    @Test
    void aFetchOfAnotherSizeIsCorrupt() {
        pager.stored(store(1, GFN), true);
        effects.takeAnswers();

        pager.fetch(STREAM, 2, VM, GFN, 1, PageSize.SIZE_64K);

        assertThat(effects.takeAnswers()).containsExactly("3/2 CORRUPT");
    }

    @Test
    void moreThanTheBoundsIsUnavailable() {
        for (int i = 0; i < LOADS + QUEUED; i++) {
            fetch(i, GFN + i);
        }
        assertThat(effects.loads).hasSize(LOADS);
        fetch(100, GFN + 100);
        store(101, GFN + 101);
        store(102, GFN + 102);
        assertThat(pager.beginStore(STREAM, 103, VM, GFN + 103, 1, PageSize.SIZE_4K))
                .isEqualTo(-1);

        assertThat(effects.takeAnswers()).containsExactly("3/100 UNAVAILABLE", "3/103 UNAVAILABLE");
    }

    @Test
    void moreWaitersThanTheBoundAreUnavailable() {
        for (int i = 0; i <= WAITERS; i++) {
            fetch(i, GFN);
        }

        assertThat(effects.takeAnswers()).containsExactly("3/16 UNAVAILABLE");
    }

    @Test
    void whenEveryCellIsInUseARequestIsUnavailableAndNothingIsLost() {
        int cells = pager.units();
        for (int i = 0; i < cells; i++) {
            pager.stored(store(1, GFN + i), true);
            fetch(2, GFN + i);
        }
        effects.takeAnswers();

        fetch(3, GFN + cells);
        assertThat(effects.takeAnswers()).containsExactly("3/3 UNAVAILABLE");
        pager.sent(effects.dataCells.getFirst());
        fetch(4, GFN + cells);

        assertThat(effects.loads).hasSize(1);
        assertThat(pager.stats().dram().evictionsAtCap()).isEqualTo(1);
    }

    @Test
    void tidyEvictsAheadOfDemandBetweenTheWatermarks() {
        int cells = pager.units();
        for (int i = 0; i < cells; i++) {
            pager.stored(store(1, GFN + i), true);
        }

        while (pager.tidy()) {
            assertThat(pager.stats().dram().evictions()).isLessThan(cells);
        }

        assertThat(pager.stats().dram().pages()).isEqualTo(cells - 2L * (cells / 64));
        fetch(2, GFN + cells);
        assertThat(pager.stats().dram().evictionsAtCap()).isZero();
    }

    @Test
    void aPageBeingStoredIsNeverEvicted() {
        int cell = store(1, GFN);
        for (int i = 1; i < 4 * pager.units(); i++) {
            pager.stored(store(1, GFN + i), true);
        }
        effects.takeAnswers();

        fetch(2, GFN);

        assertThat(effects.takeAnswers()).containsExactly("3/2 DATA DRAM");
        assertThat(effects.dataCells).containsExactly(cell);
    }

    @Test
    void aDiscardedPageIsForgottenInBothTiers() {
        pager.stored(store(1, GFN), true);

        pager.discard(VM, GFN, 1);

        assertThat(effects.deletes).containsExactly("7/" + GFN + "/1");
        assertThat(pager.stats().dram().bytes()).isZero();
    }

    @Test
    void aPageDiscardedWhileItIsStoredIsDeletedAfterwards() {
        int cell = store(1, GFN);

        pager.discard(VM, GFN, 1);
        assertThat(effects.deletes).isEmpty();
        pager.stored(cell, true);

        assertThat(effects.takeAnswers()).containsExactly("3/1 STORED");
        assertThat(effects.deletes).containsExactly("7/" + GFN + "/1");
        assertThat(pager.stats().dram().bytes()).isZero();
    }

    @Test
    void whoWaitsForADiscardedPageStillGetsIt() {
        fetch(1, GFN);
        pager.discard(VM, GFN, 1);

        pager.loaded(effects.loads.getFirst(), LoadResult.DATA, CRC);
        assertThat(effects.takeAnswers()).containsExactly("3/1 DATA SWAP_STORE");
        assertThat(pager.stats().dram().bytes()).isEqualTo(4096);
        pager.sent(effects.dataCells.getFirst());

        assertThat(pager.stats().dram().bytes()).isZero();
    }

    @Test
    void aDroppedVmIsGoneAndOthersAreNot() {
        pager.stored(store(1, GFN), true);
        int other = pager.beginStore(STREAM, 2, VM + 1, GFN, 1, PageSize.SIZE_16K);
        pager.commitStore(STREAM, 2, other, CRC, false);
        effects.takeAnswers();

        assertThat(pager.dropVm(VM)).isTrue();
        fetch(3, GFN);
        pager.beginStore(STREAM, 4, VM, GFN, 2, PageSize.SIZE_4K);
        assertThat(effects.takeAnswers()).containsExactly("3/3 ABSENT", "3/4 UNAVAILABLE");
        while (pager.tidy()) {
            assertThat(effects.drops).isEmpty();
        }
        pager.fetch(STREAM, 5, VM + 1, GFN, 1, PageSize.SIZE_16K);

        assertThat(effects.drops).containsExactly("7: 1");
        assertThat(effects.takeAnswers()).containsExactly("3/5 DATA DRAM");
    }

    @Test
    void demandOvertakesPrefetchInTheQueue() {
        Pager one = new Pager(new PagerLimits(1 << 20, 0, 1, 8, 1, 8), PolicyKind.W_TINYLFU, effects);
        one.fetch(STREAM, 1, VM, GFN, 1, PageSize.SIZE_4K);
        one.prefetch(VM, GFN + 1, 1, PageSize.SIZE_4K);
        one.fetch(STREAM, 2, VM, GFN + 2, 1, PageSize.SIZE_4K);

        one.loaded(effects.loads.get(0), LoadResult.DATA, CRC);
        one.loaded(effects.loads.get(1), LoadResult.DATA, CRC);

        assertThat(effects.loads).hasSize(3).extracting(one::gfn).containsExactly(GFN, GFN + 2, GFN + 1);
    }

    @Test
    void aFetchMakesAQueuedPrefetchADemand() {
        Pager one = new Pager(new PagerLimits(1 << 20, 0, 1, 8, 1, 8), PolicyKind.W_TINYLFU, effects);
        one.fetch(STREAM, 1, VM, GFN, 1, PageSize.SIZE_4K);
        one.prefetch(VM, GFN + 1, 1, PageSize.SIZE_4K);
        one.prefetch(VM, GFN + 2, 1, PageSize.SIZE_4K);
        one.fetch(STREAM, 2, VM, GFN + 2, 1, PageSize.SIZE_4K);

        one.loaded(effects.loads.getFirst(), LoadResult.DATA, CRC);

        assertThat(one.gfn(effects.loads.getLast())).isEqualTo(GFN + 2);
        assertThat(one.stats().prefetch()).isEqualTo(new PagerStats.Prefetch(0, 0, 0, 0, 0, 0, 0, 1, 0));
    }

    @Test
    void aPrefetchIsDroppedBeforeAFetchIsRefused() {
        for (int i = 0; i < LOADS; i++) {
            fetch(i, GFN + i);
        }
        for (int i = 0; i < QUEUED; i++) {
            pager.prefetch(VM, GFN + 100 + i, 1, PageSize.SIZE_4K);
        }

        fetch(9, GFN + 9);

        assertThat(effects.takeAnswers()).isEmpty();
        assertThat(pager.stats().prefetch().dropped()).isEqualTo(1);
        assertThat(pager.stats().dram().bytes()).isEqualTo((LOADS + QUEUED) * 4096L);
    }

    @Test
    void prefetchesAreCountedAsUsedLateOrEvictedUnused() {
        pager.prefetch(VM, GFN, 1, PageSize.SIZE_4K);
        pager.loaded(effects.loads.getLast(), LoadResult.DATA, CRC);
        fetch(1, GFN);
        pager.prefetch(VM, GFN + 1, 1, PageSize.SIZE_4K);
        fetch(2, GFN + 1);
        pager.loaded(effects.loads.getLast(), LoadResult.DATA, CRC);
        pager.prefetch(VM, GFN + 2, 1, PageSize.SIZE_4K);
        pager.loaded(effects.loads.getLast(), LoadResult.DATA, CRC);
        for (int i = 0; i < 2 * pager.units(); i++) {
            pager.stored(store(3, GFN + 100 + i), true);
        }

        assertThat(pager.stats().prefetch()).isEqualTo(new PagerStats.Prefetch(3, 1, 1, 1, 0, 0, 0, 0, 0));
    }

    @Test
    void aPrefetchTakesNoMemoryThatDemandMayNeed() {
        for (int i = 0; i < pager.units(); i++) {
            pager.stored(store(1, GFN + i), true);
        }

        pager.prefetch(VM, GFN - 1, 1, PageSize.SIZE_4K);

        assertThat(effects.loads).isEmpty();
        assertThat(pager.stats().dram().evictions()).isZero();
    }

    @Test
    void pagesOfAllSizesShareTheMemory() {
        for (int i = 0; i < pager.units(); i++) {
            pager.stored(store(1, GFN + i), true);
        }

        for (int i = 0; i < 8; i++) {
            pager.fetch(STREAM, 2, VM + 1, i, 1, PageSize.SIZE_64K);
            pager.loaded(effects.loads.getLast(), LoadResult.DATA, CRC);
            pager.sent(effects.dataCells.getLast());
        }
        effects.takeAnswers();
        for (int i = 0; i < 8; i++) {
            pager.fetch(STREAM, 3, VM + 1, i, 1, PageSize.SIZE_64K);
        }

        assertThat(effects.takeAnswers())
                .filteredOn(answer -> answer.endsWith("DRAM"))
                .hasSizeGreaterThan(5);
    }

    @Test
    void eachVmIsCountedApartUntilItIsDropped() {
        pager.stored(store(1, GFN), true);
        int other = pager.beginStore(STREAM, 2, VM + 1, GFN, 1, PageSize.SIZE_16K);
        pager.commitStore(STREAM, 2, other, CRC, false);
        fetch(3, GFN);
        fetch(4, GFN);

        assertThat(pager.stats(VM).dram()).isEqualTo(new PagerStats.Dram(1, 4096, 1 << 20, 2, 1, 0, 0));
        assertThat(pager.stats(VM + 1).dram()).isEqualTo(new PagerStats.Dram(1, 16384, 1 << 20, 0, 1, 0, 0));
        assertThat(pager.stats(VM + 2).dram().pages()).isZero();
        pager.dropVm(VM);
        while (pager.tidy()) {
            assertThat(effects.drops).isEmpty();
        }
        pager.sent(effects.dataCells.get(0));
        pager.sent(effects.dataCells.get(1));

        assertThat(pager.stats(VM).dram().fetches()).isZero();
        assertThat(pager.stats().dram()).isEqualTo(new PagerStats.Dram(1, 16384, 1 << 20, 2, 2, 0, 0));
    }

    @Test
    void limitsOutOfRangeAreRefused() {
        assertThatThrownBy(() -> new PagerLimits(4096, 0, 1, 1, 1, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("dramMaxBytes: 4096 (expected: 1048576 to 2199023255552)");
        assertThatThrownBy(() -> new PagerLimits(1 << 20, 4096, 1, 1, 1, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("compressedMaxBytes: 4096 (expected: 65536 to 549755813888)");
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
