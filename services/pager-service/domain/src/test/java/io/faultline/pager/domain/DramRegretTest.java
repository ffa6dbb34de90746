// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.model.PageSize;
import io.faultline.pager.domain.eviction.PolicyKind;
import io.faultline.pager.domain.shadow.Shadows;
import org.junit.jupiter.api.Test;

/** What of a pager's life the shadows are told, and what is counted as a miss of whom. */
class DramRegretTest {
    private static final long VM = 7;
    private static final int CRC = 0x1234;
    private static final int STREAM = 3;
    private static final int SHADOW_PAGES = 256;

    private final RecordingEffects effects = new RecordingEffects();
    private final Pager pager = new Pager(
            new PagerLimits(1 << 20, 0, 4, 16, 4, 16), new DramPolicy(PolicyKind.LRU, false, SHADOW_PAGES), effects);
    private final Shadows sampling = new Shadows(pager.units(), SHADOW_PAGES);
    private final long gfn = sampledAfter(0);

    @Test
    void aPageThatComesFromBelowIsMissedByAll() {
        fetch(gfn);
        load(LoadResult.DATA);

        assertCounts(1, 1, 1);
    }

    @Test
    void fetchesThatWaitForOnePageAreOneMiss() {
        fetch(gfn);
        fetch(gfn);
        fetch(gfn);
        load(LoadResult.ZERO);

        assertCounts(1, 1, 1);
    }

    @Test
    void aPageThatIsInDramIsMissedByNobody() {
        fetch(gfn);
        load(LoadResult.DATA);
        fetch(gfn);
        fetch(gfn);

        assertCounts(3, 1, 1);
    }

    @Test
    void aStoredPageIsMissedByNobodyNotEvenOnItsWayToTheStore() {
        int cell = store(gfn);
        fetch(gfn);
        pager.stored(cell, true);
        fetch(gfn);

        assertCounts(2, 0, 0);
    }

    @Test
    void aPageThatWasPrefetchedInTimeIsMissedByNobody() {
        pager.prefetch(VM, gfn, 1, PageSize.SIZE_4K);
        load(LoadResult.DATA);
        fetch(gfn);

        assertCounts(1, 0, 0);
    }

    @Test
    void aPageWhosePrefetchIsLateIsMissedByAll() {
        pager.prefetch(VM, gfn, 1, PageSize.SIZE_4K);
        fetch(gfn);
        load(LoadResult.DATA);

        assertCounts(1, 1, 1);
    }

    @Test
    void aHintThatIsNotNeededWouldHaveBeenElsewhere() {
        pager.stored(store(gfn), true);
        long other = gfn;
        for (int pages = 0; pages < sampling.units(); pages++) {
            other = sampledAfter(other);
            pager.stored(store(other), true);
        }
        fetch(gfn);
        assertCounts(1, 0, 1);
        for (int pages = 0; pages < sampling.units(); pages++) {
            other = sampledAfter(other);
            pager.stored(store(other), true);
        }

        pager.prefetch(VM, gfn, 1, PageSize.SIZE_4K);
        fetch(gfn);

        assertCounts(2, 0, 1);
    }

    @Test
    void aPageThatIsNowhereIsNoReference() {
        fetch(gfn);
        load(LoadResult.ABSENT);
        fetch(gfn);
        load(LoadResult.UNAVAILABLE);

        assertCounts(0, 0, 0);
    }

    @Test
    void aDiscardedPageIsMissedByAll() {
        pager.stored(store(gfn), true);
        pager.discard(VM, gfn, 1);
        fetch(gfn);
        load(LoadResult.DATA);

        assertCounts(1, 1, 1);
    }

    @Test
    void aPageOutsideTheSampleIsNoReference() {
        long unsampled = gfn + 1;
        while (sampling.samples(VM, unsampled)) {
            unsampled++;
        }
        fetch(unsampled);
        load(LoadResult.DATA);
        fetch(unsampled);

        assertCounts(0, 0, 0);
        assertThat(pager.stats().regret().sampledShare())
                .isEqualTo(sampling.share())
                .isPositive();
    }

    @Test
    void whatADroppedVmMissedStaysInTheTotal() {
        fetch(gfn);
        load(LoadResult.DATA);
        pager.dropVm(VM);
        while (pager.tidy()) {
            assertThat(effects.drops).isEmpty();
        }

        assertThat(pager.stats(VM).regret().fetches()).isZero();
        assertCounts(1, 1, 1);
    }

    @Test
    void ofEquallyGoodPoliciesTheFirstIsTheBest() {
        fetch(gfn);
        load(LoadResult.DATA);

        assertThat(pager.stats().regret().best()).isEqualTo(PolicyKind.FIFO);
        assertThat(pager.stats().regret().policy()).isEqualTo(PolicyKind.LRU);
        assertThat(pager.stats().regret().wanted()).isEqualTo(PolicyKind.LRU);
    }

    @Test
    void aPolicyThatNobodyAskedForIsRefused() {
        assertThatThrownBy(() -> pager.policyMade(PolicyKind.LIRS, pager.newPolicy(PolicyKind.LIRS)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("policy: LIRS (expected: none, as none was asked for)");
    }

    @Test
    void theShadowsOfAPolicyThatIsChosenByThemCannotBeLeftOut() {
        assertThatThrownBy(() -> new DramPolicy(PolicyKind.LRU, true, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("shadowPages: 0 (expected: 256 to 65536)");
    }

    private void assertCounts(long fetches, long misses, long missesOfFifo) {
        PagerStats.Regret regret = pager.stats().regret();
        assertThat(regret.fetches()).as("fetches").isEqualTo(fetches);
        assertThat(regret.misses()).as("misses").isEqualTo(misses);
        assertThat(regret.misses(PolicyKind.FIFO)).as("misses of FIFO").isEqualTo(missesOfFifo);
    }

    private long sampledAfter(long before) {
        long sampled = before + 1;
        while (!sampling.samples(VM, sampled)) {
            sampled++;
        }
        return sampled;
    }

    private void fetch(long page) {
        pager.fetch(STREAM, 1, VM, page, 1, PageSize.SIZE_4K);
    }

    private void load(LoadResult result) {
        pager.loaded(effects.loads.removeLast(), result, CRC);
    }

    private int store(long page) {
        int cell = pager.beginStore(STREAM, 2, VM, page, 1, PageSize.SIZE_4K);
        pager.commitStore(STREAM, 2, cell, CRC, false);
        return cell;
    }
}
