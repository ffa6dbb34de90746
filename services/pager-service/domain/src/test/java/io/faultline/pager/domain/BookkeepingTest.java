// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.pager.domain.eviction.Allocation;
import io.faultline.pager.domain.eviction.PolicyKind;
import org.junit.jupiter.api.Test;

/** What a page of the pager's own tiers costs besides its own bytes, measured by what a pager allocates. */
class BookkeepingTest {
    private static final int UNITS_LEAST = 1 << 16;
    private static final int BESIDES_PAGES = 4096;

    @Test
    void bookkeepingStaysBelow64BytesAPage() {
        RecordingEffects effects = new RecordingEffects();
        for (int units = UNITS_LEAST; units < 2 * UNITS_LEAST; units += UNITS_LEAST / 16) {
            PagerLimits limits = new PagerLimits((long) units << 12, 0, 1, 1, 1, 1);
            Pager warm = new Pager(limits, PolicyKind.W_TINYLFU, effects);
            assertThat(warm.units()).isEqualTo(units);

            long before = Allocation.bytes();
            Pager pager = new Pager(limits, PolicyKind.W_TINYLFU, effects);
            long bytes = Allocation.bytes() - before;

            assertThat(pager.units()).isEqualTo(units);
            assertThat((double) (bytes - BESIDES_PAGES) / units)
                    .as("bytes a page of %,d pages", units)
                    .isBetween(48.0, 64.0);
        }
    }

    @Test
    void aPageOfTheCompressedTierIsKeptTrackOfInAtMost72Bytes() {
        VmCounters counters = new VmCounters();
        for (int rows = UNITS_LEAST; rows < 2 * UNITS_LEAST; rows += UNITS_LEAST / 16) {
            CompressedTier warm = new CompressedTier((long) rows << 10, counters, new Tenants());
            assertThat(warm.rows()).isEqualTo(rows);

            long before = Allocation.bytes();
            CompressedTier tier = new CompressedTier((long) rows << 10, counters, new Tenants());
            long bytes = Allocation.bytes() - before;

            assertThat(tier.rows()).isEqualTo(rows);
            assertThat((double) (bytes - BESIDES_PAGES) / rows)
                    .as("bytes a page of %,d pages", rows)
                    .isBetween(56.0, 72.0);
        }
    }
}
