// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.model.PageSize;
import io.faultline.pager.domain.eviction.PolicyKind;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How VMs share the tiers of a pager whose store and compressor answer at once. */
class TierSharesTest {
    private static final long HOT = 1;
    private static final long SCAN = 2;
    private static final long THIRD = 3;
    private static final int CELLS = 512;
    private static final int HOT_PAGES = 128;
    private static final int LENGTH = 1000;
    private static final long LIMIT_BYTES = 1 << 20;

    private final RecordingEffects effects = new RecordingEffects();
    private boolean isSameFilled;
    private Pager pager = pager(PolicyKind.W_TINYLFU, 0);

    private Pager pager(PolicyKind kind, long compressedMaxBytes) {
        return new Pager(new PagerLimits((long) CELLS << 12, compressedMaxBytes, 16, 16, 16, 64), kind, effects);
    }

    @Test
    void whatOneVmDoesNotUseAnotherHasAndGivesBackPageByPage() {
        scan(SCAN, 0, 2 * CELLS);
        long lent = heldBytes(SCAN) >> 12;
        assertThat(lent).isGreaterThan(CELLS * 15 / 16);

        for (int page = 1; page <= CELLS / 4; page++) {
            touch(HOT, page);

            assertThat(heldBytes(HOT) >> 12).isEqualTo(page);
            assertThat(heldBytes(SCAN) >> 12).isBetween(lent - page - CELLS / 32, lent);
        }
        assertThat(pager.stats(HOT).dram().evictions()).isZero();
        assertThat(pager.share(SCAN).dram().evictionsAboveShare()).isPositive();
        assertThat(pager.share(HOT).dram().shareBytes()).isEqualTo(CELLS << 11);
    }

    @Test
    void vmsThatAllWantMoreHaveMemoryByWeight() {
        pager.setQuota(SCAN, new VmQuota(3, 0, 0));
        for (int page = 0; page < 4 * CELLS; page++) {
            touch(HOT, page);
            touch(SCAN, page);
        }

        assertThat((double) heldBytes(SCAN) / heldBytes(HOT)).isBetween(2.8, 3.2);

        pager.setQuota(HOT, new VmQuota(6, 0, 0));
        scan(HOT, 0, 4 * CELLS);

        assertThat((double) heldBytes(HOT) / heldBytes(SCAN)).isBetween(1.9, 2.1);
    }

    @Test
    void aVmThatEndsGivesItsShareToTheOthers() {
        scan(HOT, 0, CELLS);
        scan(SCAN, 0, CELLS);
        assertThat(pager.share(SCAN).dram().shareBytes()).isEqualTo(CELLS << 11);

        pager.dropVm(HOT);
        pager.tidy();

        assertThat(pager.share(SCAN).dram().shareBytes()).isEqualTo(CELLS << 12);
        assertThat(pager.share(HOT).dram().bytes()).isZero();
    }

    @Test
    void vmsOfDifferentPageSizesShareByWeightToo() {
        pager.setQuota(THIRD, new VmQuota(2, 0, 0));
        scan(SCAN, 0, 2 * CELLS);
        scan(HOT, 0, 2 * CELLS);
        for (int page = 0; page < CELLS; page++) {
            fetch(THIRD, page, PageSize.SIZE_64K);
            touch(HOT, page);
            touch(SCAN, page);
        }

        assertThat((double) heldBytes(THIRD) / (CELLS << 12)).isBetween(0.4, 0.55);
        assertThat((double) heldBytes(HOT) / heldBytes(SCAN)).isBetween(0.9, 1.1);
    }

    @Test
    void memoryThatMovesToAnotherPageSizeComesFromThoseAboveTheirShares() {
        scan(HOT, 0, 32);
        scan(SCAN, 0, 2 * CELLS);

        for (int page = 0; page < CELLS / 16; page++) {
            fetch(THIRD, page, PageSize.SIZE_64K);
        }

        assertThat(heldBytes(THIRD)).isGreaterThan(CELLS << 10);
        assertThat(pager.stats(HOT).dram().evictions()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void aScanOfAHundredTimesItsShareCostsAHotNeighbourNothing(PolicyKind kind) {
        pager = pager(kind, 0);
        double alone = hotHitRatio(false);
        pager = pager(kind, 0);
        double beside = hotHitRatio(true);

        assertThat(alone).isGreaterThan(0.95);
        assertThat(alone - beside)
                .as("%f alone, %f beside a scan", alone, beside)
                .isLessThan(0.01);
    }

    /** The share of a VM's fetches that it finds in DRAM, while another fetches eight pages for each of its. */
    private double hotHitRatio(boolean isBesideScan) {
        Random random = new Random(7);
        int fetches = 100 * CELLS / 2 / 8;
        for (int i = 0; i < fetches; i++) {
            touch(HOT, random.nextInt(HOT_PAGES));
            if (isBesideScan) {
                scan(SCAN, 8L * i, 8);
            }
        }
        return (double) pager.stats(HOT).dram().fetches() / fetches;
    }

    @Test
    void aVmKeepsItsShareOfTheCompressedTier() {
        pager = pager(PolicyKind.LRU, 256 << 10);
        scan(HOT, 0, CELLS + 64);
        long modest = pager.stats(HOT).compressed().pages();
        assertThat(modest).isBetween(64L, 80L);

        scan(SCAN, 0, 20 * CELLS);

        assertThat(pager.stats(SCAN).compressed().evictions()).isGreaterThan(CELLS);
        assertThat(pager.stats(HOT).compressed().evictions()).isPositive();
        assertThat(pager.share(HOT).compressed().bytes())
                .isBetween(
                        pager.share(HOT).compressed().shareBytes() * 9 / 10,
                        pager.share(HOT).compressed().shareBytes());
    }

    @Test
    void pagesOfOneWordTakeTheirPartOfTheCompressedTierToo() {
        pager = pager(PolicyKind.LRU, 256 << 10);
        scan(HOT, 0, CELLS + 64);
        long kept = pager.stats(HOT).compressed().pages();
        isSameFilled = true;

        scan(SCAN, 0, 20 * CELLS);

        assertThat(pager.stats(SCAN).compressed().evictions()).isGreaterThan(CELLS);
        assertThat(pager.stats(HOT).compressed().pages()).isGreaterThanOrEqualTo(kept);
    }

    @Test
    void aVmStaysBelowItsLimitHoweverEmptyTheTierIs() {
        pager.setQuota(SCAN, new VmQuota(1, LIMIT_BYTES, 0));
        for (int page = 0; page < CELLS; page++) {
            touch(SCAN, page);

            assertThat(heldBytes(SCAN)).isLessThanOrEqualTo(LIMIT_BYTES);
        }

        assertThat(heldBytes(SCAN)).isGreaterThan(LIMIT_BYTES * 15 / 16);
        assertThat(pager.stats(SCAN).dram().evictionsAtCap())
                .as("pages left ahead of demand")
                .isZero();
        assertThat(pager.stats(SCAN).dram().evictions()).isGreaterThanOrEqualTo(CELLS / 2);
    }

    @Test
    void aLimitThatIsLoweredIsKeptFromTheNextTurnOn() {
        scan(SCAN, 0, 2 * CELLS);

        pager.setQuota(SCAN, new VmQuota(1, LIMIT_BYTES, 0));
        pager.tidy();
        pager.tidy();

        assertThat(heldBytes(SCAN)).isLessThanOrEqualTo(LIMIT_BYTES);
    }

    @Test
    void atItsLimitAVmWhosePagesAreAllInUseIsRefused() {
        pager.setQuota(SCAN, new VmQuota(1, LIMIT_BYTES, 0));
        Pager large = new Pager(new PagerLimits(4 << 20, 0, 512, 512, 512, 2048), PolicyKind.CLOCK, effects);
        large.setQuota(SCAN, new VmQuota(1, LIMIT_BYTES, 0));
        for (int page = 0; page < LIMIT_BYTES >> 12; page++) {
            large.fetch(1, 0, SCAN, page, 1, PageSize.SIZE_4K);
        }
        assertThat(effects.answers).isEmpty();

        large.fetch(1, 7, SCAN, 999, 1, PageSize.SIZE_4K);
        large.prefetch(SCAN, 1000, 1, PageSize.SIZE_4K);
        large.fetch(1, 8, HOT, 999, 1, PageSize.SIZE_4K);

        assertThat(effects.answers).containsExactly("1/7 UNAVAILABLE");
        assertThat(large.stats(SCAN).prefetch().issued()).isZero();
    }

    @Test
    void aVmStaysBelowItsLimitInTheCompressedTier() {
        pager = pager(PolicyKind.LRU, 256 << 10);
        pager.setQuota(SCAN, new VmQuota(1, 0, 64 << 10));

        scan(SCAN, 0, 4 * CELLS);

        assertThat(pager.share(SCAN).compressed().bytes()).isBetween(32L << 10, 64L << 10);
        assertThat(pager.stats(SCAN).compressed().evictions()).isGreaterThan(CELLS);

        pager.setQuota(SCAN, VmQuota.DEFAULT);
        scan(SCAN, 0, 4 * CELLS);

        assertThat(pager.share(SCAN).compressed().bytes()).isGreaterThan(200 << 10);
    }

    @Test
    void quotasOutOfRangeAreRefused() {
        assertThatThrownBy(() -> new VmQuota(0, 0, 0)).hasMessage("weight: 0 (expected: 1 to 1000)");
        assertThatThrownBy(() -> new VmQuota(1001, 0, 0)).hasMessage("weight: 1001 (expected: 1 to 1000)");
        assertThatThrownBy(() -> new VmQuota(1, 4096, 0))
                .hasMessage("dram_max_bytes: 4096 (expected: 0 for no limit, or at least 1048576)");
        assertThatThrownBy(() -> new VmQuota(1, 0, -1))
                .hasMessage("compressed_max_bytes: -1 (expected: 0 for no limit, or at least 65536)");
    }

    private long heldBytes(long vmId) {
        return pager.share(vmId).dram().bytes();
    }

    private void scan(long vmId, long firstGfn, int pages) {
        for (long gfn = firstGfn; gfn < firstGfn + pages; gfn++) {
            touch(vmId, gfn);
        }
    }

    private void touch(long vmId, long gfn) {
        fetch(vmId, gfn, PageSize.SIZE_4K);
    }

    /** A fetch, answered at once, and a turn's end. */
    private void fetch(long vmId, long gfn, PageSize size) {
        pager.fetch(1, 0, vmId, gfn, 1, size);
        while (!effects.inflations.isEmpty()) {
            RecordingEffects.CellAndRow inflation = effects.inflations.removeLast();
            pager.inflated(inflation.cell(), inflation.row(), true);
        }
        while (!effects.loads.isEmpty()) {
            pager.loaded(effects.loads.removeLast(), LoadResult.DATA, 1);
        }
        while (!effects.dataCells.isEmpty()) {
            pager.sent(effects.dataCells.removeLast());
        }
        pager.tidy();
        while (!effects.deflations.isEmpty()) {
            RecordingEffects.CellAndRow deflation = effects.deflations.removeLast();
            if (isSameFilled) {
                pager.sameFilled(deflation.cell(), deflation.row(), 5);
            } else {
                pager.deflated(deflation.cell(), deflation.row(), LENGTH);
            }
        }
        effects.answers.clear();
    }
}
