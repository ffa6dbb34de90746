// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.PageSize;
import io.faultline.pager.domain.RecordingEffects.CellAndRow;
import io.faultline.pager.domain.eviction.PolicyKind;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Pages on their way from DRAM to the compressed tier and back. */
class DemotionTest {
    private static final long VM = 7;
    private static final int STREAM = 3;
    private static final PageSize SIZE = PageSize.SIZE_4K;
    private static final int DRAM_PAGES = 256;
    /** Leaves so few cells free that the oldest pages have to leave, but not so few that they leave in a hurry. */
    private static final int PAGES = DRAM_PAGES - 2;
    /** As many leave then. */
    private static final int LEAVING = 6;

    private final RecordingEffects effects = new RecordingEffects();
    private final Pager pager = pagerOf(1 << 16);

    private Pager pagerOf(long compressedMaxBytes) {
        return new Pager(
                new PagerLimits(DRAM_PAGES * 4096L, compressedMaxBytes, 4, 4, 1, 16), PolicyKind.FIFO, effects);
    }

    @Test
    void aPageThatLeftDramIsFetchedFromTheCompressedTier() {
        fill();
        deflateAll(1000);

        fetch(1, 0);
        assertThat(effects.takeAnswers()).isEmpty();
        pager.inflated(inflation().cell(), inflation().row(), true);

        assertThat(effects.takeAnswers()).containsExactly("3/1 DATA COMPRESSED");
        assertThat(effects.loads).isEmpty();
        assertThat(pager.checksum(inflation().cell())).isEqualTo(crc(0));
        assertThat(pager.stats().compressed().fetches()).isEqualTo(1);
        assertThat(pager.stats().compressed().pages()).isEqualTo(LEAVING - 1);
    }

    @Test
    void whatADeflationTakesIsCountedInBlocks() {
        fill();
        deflateAll(1025);

        PagerStats.Compressed compressed = pager.stats().compressed();
        assertThat(compressed.pageBytes()).isEqualTo(LEAVING * 4096);
        assertThat(compressed.bytes()).isEqualTo(LEAVING * 3 * 512);
        assertThat(compressed.demotions()).isEqualTo(new PagerStats.Demotions(LEAVING, 0, 0, 0, 0));
        assertThat(pager.stats().dram().evictions()).isEqualTo(LEAVING);
    }

    @Test
    void aPageThatDoesNotShrinkByAQuarterIsNotKept() {
        fill();
        deflateAll(3073);

        fetch(1, 0);

        assertThat(effects.loads).hasSize(1);
        assertThat(pager.stats().compressed().demotions().notShrunk()).isEqualTo(LEAVING);
        assertThat(pager.stats().compressed().bytes()).isZero();
    }

    @Test
    void aPageThatIsFetchedWhileItIsDeflatedStaysInDram() {
        fill();
        fetch(1, 0);
        deflateAll(1000);

        fetch(2, 0);

        assertThat(effects.takeAnswers()).containsExactly("3/1 DATA DRAM", "3/2 DATA DRAM");
        assertThat(pager.stats().compressed().demotions().withdrawn()).isEqualTo(1);
        assertThat(pager.stats().compressed().pages()).isEqualTo(LEAVING - 1);
    }

    @Test
    void aCellIsNotUsedAgainBeforeItsPageIsDeflated() {
        fill();
        int cell = effects.deflations.getFirst().cell();

        pager.discard(VM, 0, 1);
        assertThat(pager.stats().dram().bytes()).isEqualTo(PAGES * 4096L);
        pager.deflated(cell, effects.deflations.getFirst().row(), 1000);

        assertThat(pager.stats().dram().bytes()).isEqualTo((PAGES - 1) * 4096L);
        assertThat(pager.stats().compressed().pages()).isZero();
    }

    @Test
    void aPageOfZerosNeedsNeitherDeflationNorMemory() {
        for (int gfn = 0; gfn < PAGES; gfn++) {
            pager.stored(store(gfn, true), true);
        }
        pager.tidy();
        effects.takeAnswers();

        fetch(1, 0);
        fetch(2, 0);

        assertThat(effects.takeAnswers()).containsExactly("3/1 ZERO COMPRESSED", "3/2 ZERO COMPRESSED");
        assertThat(effects.deflations).isEmpty();
        assertThat(pager.stats().compressed().bytes()).isZero();
        assertThat(pager.stats().compressed().fetches()).isEqualTo(2);
    }

    @Test
    void aSameFilledPageIsKeptAsItsWord() {
        fill();
        CellAndRow leaving = effects.deflations.getFirst();
        pager.sameFilled(leaving.cell(), leaving.row(), 0xABCD);

        fetch(1, 0);

        assertThat(pager.compressed().isSameFilled(inflation().row())).isTrue();
        assertThat(pager.compressed().word(inflation().row())).isEqualTo(0xABCD);
        assertThat(pager.stats().compressed().demotions().sameFilled()).isEqualTo(1);
    }

    @Test
    void aSpoiltPageComesFromTheSwapStore() {
        fill();
        deflateAll(1000);
        fetch(1, 0);

        pager.inflated(inflation().cell(), inflation().row(), false);
        assertThat(effects.takeAnswers()).isEmpty();
        pager.loaded(effects.loads.getFirst(), LoadResult.DATA, crc(0));

        assertThat(effects.takeAnswers()).containsExactly("3/1 DATA SWAP_STORE");
        assertThat(pager.stats().compressed().inflationsFailed()).isEqualTo(1);
    }

    @Test
    void fetchesOfAPageThatIsInflatedWaitForItTogether() {
        fill();
        deflateAll(1000);

        fetch(1, 0);
        fetch(2, 0);
        pager.inflated(inflation().cell(), inflation().row(), true);

        assertThat(effects.inflations).hasSize(1);
        assertThat(effects.takeAnswers()).containsExactly("3/1 DATA COMPRESSED", "3/2 DATA COMPRESSED");
    }

    @Test
    void aDiscardedPageIsInNoTier() {
        fill();
        deflateAll(1000);

        pager.discard(VM, 0, 1);
        fetch(1, 0);

        assertThat(effects.deletes).containsExactly("7/0/1");
        assertThat(effects.inflations).isEmpty();
        assertThat(pager.stats().compressed().pages()).isEqualTo(LEAVING - 1);
    }

    @Test
    void aDroppedVmLeavesNothingInTheCompressedTier() {
        fill();
        deflateAll(1000);

        pager.dropVm(VM);
        while (pager.tidy()) {
            assertThat(effects.drops).isEmpty();
        }

        assertThat(effects.drops).containsExactly("7: " + PAGES);
        assertThat(pager.stats().compressed().pages()).isZero();
        assertThat(pager.stats().compressed().bytes()).isZero();
    }

    @Test
    void aRepeatedStoreIsComparedWithThePageThatIsThere() {
        fill();
        deflateAll(1000);

        store(0, false);
        int cell = pager.beginStore(STREAM, 2, VM, 0, 1, SIZE);
        pager.commitStore(STREAM, 2, cell, crc(1), false);

        assertThat(effects.takeAnswers()).containsExactly("3/0 STORED", "3/2 CORRUPT");
        assertThat(effects.stores).hasSize(PAGES);
    }

    @Test
    void anotherPageSizeUnderTheSameNameIsCorrupt() {
        fill();
        deflateAll(1000);

        pager.fetch(STREAM, 1, VM, 0, 1, PageSize.SIZE_16K);

        assertThat(effects.takeAnswers()).containsExactly("3/1 CORRUPT");
    }

    @Test
    void theOldestPageLeavesAFullTier() {
        fill();
        deflateAll(3072);
        int gfn = PAGES;
        while (pager.stats().compressed().evictions() == 0) {
            pager.stored(store(gfn++, false), true);
            pager.tidy();
            deflateAll(3072);
        }
        effects.takeAnswers();

        fetch(1, 0);
        fetch(2, LEAVING);

        assertThat(pager.stats().compressed().bytes()).isLessThanOrEqualTo(1 << 16);
        assertThat(effects.loads).hasSize(1);
        assertThat(effects.inflations).hasSize(1);
    }

    @Test
    void pagesThatLeaveInAHurryAreNotDeflated() {
        for (int gfn = 0; gfn < DRAM_PAGES + 10; gfn++) {
            pager.stored(store(gfn, false), true);
        }

        assertThat(effects.deflations).isEmpty();
        assertThat(pager.stats().compressed().demotions().skipped()).isEqualTo(10);
    }

    @Test
    void withoutTheTierPagesLeaveAsTheyDid() {
        Pager without = pagerOf(0);
        for (int gfn = 0; gfn < PAGES; gfn++) {
            int cell = without.beginStore(STREAM, gfn, VM, gfn, 1, SIZE);
            without.commitStore(STREAM, gfn, cell, crc(gfn), false);
            without.stored(cell, true);
        }

        without.tidy();

        assertThat(effects.deflations).isEmpty();
        assertThat(without.stats().dram().evictions()).isEqualTo(LEAVING);
        assertThat(without.stats().compressed().demotions()).isEqualTo(new PagerStats.Demotions(0, 0, 0, 0, 0));
    }

    /** Stores pages with gfns from 0, of which the first then begin to leave. */
    private void fill() {
        for (int gfn = 0; gfn < PAGES; gfn++) {
            pager.stored(store(gfn, false), true);
        }
        pager.tidy();
        assertThat(effects.deflations).hasSize(LEAVING);
        effects.takeAnswers();
    }

    private void deflateAll(int lengthBytes) {
        List<CellAndRow> all = List.copyOf(effects.deflations);
        effects.deflations.clear();
        all.forEach(one -> pager.deflated(one.cell(), one.row(), lengthBytes));
    }

    private CellAndRow inflation() {
        return effects.inflations.getFirst();
    }

    private int store(int gfn, boolean isZero) {
        int cell = pager.beginStore(STREAM, gfn, VM, gfn, 1, SIZE);
        pager.commitStore(STREAM, gfn, cell, crc(gfn), isZero);
        return cell;
    }

    private void fetch(long requestId, long gfn) {
        pager.fetch(STREAM, requestId, VM, gfn, 1, SIZE);
    }

    private static int crc(int gfn) {
        return 0x1234 + gfn;
    }
}
