// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain.shadow;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.PageSize;
import io.faultline.pager.domain.eviction.Allocation;
import io.faultline.pager.domain.eviction.EvictionPolicy;
import io.faultline.pager.domain.eviction.PageIdentity;
import io.faultline.pager.domain.eviction.PolicyKind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class ShadowsTest {
    private static final int TIER_UNITS = 1 << 16;
    private static final int SHADOW_UNITS = 256;
    private static final int VMS = 3;
    private static final PageSize SIZE = PageSize.SIZE_4K;
    private static final int NOBODY = 0;
    private static final int ALL = (1 << PolicyKind.values().length) - 1;

    private final Shadows shadows = new Shadows(TIER_UNITS, SHADOW_UNITS);

    /** The shadows' pages are told of without regard to whether they would be sampled: what they do does not depend on it. */
    @RepeatedTest(3)
    void eachShadowMissesWhatItsPolicyMissesOnThatManyPages(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        List<PlainCache> caches = new ArrayList<>();
        for (PolicyKind kind : PolicyKind.values()) {
            caches.add(new PlainCache(kind, shadows.units()));
        }
        for (int step = 0; step < 100_000; step++) {
            long vmId = 1L + random.nextInt(VMS);
            long gfn = (long) Math.abs(random.nextGaussian() * SHADOW_UNITS);
            long version = random.nextInt(10) == 0 ? 2 : 1;
            PlainCache.Page page = new PlainCache.Page(vmId, gfn, version);
            switch (random.nextInt(20)) {
                case 0 -> {
                    shadows.forgotten(vmId, gfn, version);
                    caches.forEach(cache -> cache.forgotten(page));
                }
                case 1, 2 -> {
                    shadows.admitted(vmId, gfn, version, SIZE);
                    caches.forEach(cache -> cache.admitted(page));
                }
                default -> {
                    int missed = 0;
                    for (int kind = 0; kind < caches.size(); kind++) {
                        missed |= caches.get(kind).fetched(page) ? 0 : 1 << kind;
                    }
                    assertThat(shadows.fetched(vmId, gfn, version, SIZE)).isEqualTo(missed);
                }
            }
            if (random.nextInt(20_000) == 0) {
                shadows.vmForgotten(vmId);
                caches.forEach(cache -> cache.vmForgotten(vmId));
            }
        }
    }

    @Test
    void aNewVersionIsAnotherPage() {
        assertThat(shadows.fetched(1, 7, 1, SIZE)).isEqualTo(ALL);
        assertThat(shadows.fetched(1, 7, 1, SIZE)).isEqualTo(NOBODY);
        assertThat(shadows.fetched(1, 7, 2, SIZE)).isEqualTo(ALL);
    }

    @Test
    void nobodyMissesAPageThatCameInByItself() {
        shadows.admitted(1, 7, 1, SIZE);

        assertThat(shadows.fetched(1, 7, 1, SIZE)).isEqualTo(NOBODY);
    }

    @Test
    void everybodyMissesAPageThatWasForgotten() {
        shadows.fetched(1, 7, 1, SIZE);
        shadows.fetched(1, 8, 1, SIZE);
        shadows.fetched(2, 7, 1, SIZE);

        shadows.forgotten(1, 7, 1);
        assertThat(shadows.fetched(1, 7, 1, SIZE)).isEqualTo(ALL);

        shadows.vmForgotten(1);
        assertThat(shadows.fetched(1, 8, 1, SIZE)).isEqualTo(ALL);
        assertThat(shadows.fetched(2, 7, 1, SIZE)).isEqualTo(NOBODY);
    }

    @Test
    void aPageSizeThatComesTakesItsShareFromThoseThatHaveMore() {
        Random random = new Random(1);
        for (int step = 0; step < 50_000; step++) {
            boolean isLarge = random.nextInt(4) == 0;
            long gfn = random.nextInt(4 * SHADOW_UNITS);
            shadows.fetched(isLarge ? 2 : 1, gfn, 1, isLarge ? PageSize.SIZE_16K : SIZE);
        }
        int pages = shadows.units() / 3 / SampledPages.UNITS_MOST - 1;
        for (int page = 0; page < pages; page++) {
            shadows.fetched(3, page, 1, PageSize.SIZE_64K);
        }

        for (int page = 0; page < pages; page++) {
            assertThat(shadows.fetched(3, page, 1, PageSize.SIZE_64K) & Shadows.bit(PolicyKind.FIFO))
                    .as("page %d of %d", page, pages)
                    .isZero();
        }
    }

    @Test
    void theShareOfPagesIsThatOfTheMemory() {
        for (int vmId = 1; vmId <= VMS; vmId++) {
            int sampled = 0;
            for (int gfn = 0; gfn < 1 << 20; gfn++) {
                sampled += shadows.samples(vmId, gfn) ? 1 : 0;
            }
            double expected = shadows.share() * (1 << 20);
            assertThat(shadows.share()).isBetween(0.0039, 0.0041);
            assertThat((double) sampled)
                    .isBetween(expected - 4 * Math.sqrt(expected), expected + 4 * Math.sqrt(expected));
        }
    }

    @Test
    void aSmallTierIsSampledByASixteenthAndHasRoomForTwoLargePagesAlways() {
        Shadows small = new Shadows(1 << 14, 2048);
        assertThat(small.share()).isEqualTo(1.0 / 16);
        assertThat(small.units()).isEqualTo(1000);

        Shadows tiny = new Shadows(1 << 8, 2048);
        assertThat(tiny.units()).isEqualTo(32);
    }

    @Test
    void noShadowsSampleNoPage() {
        Shadows none = new Shadows(TIER_UNITS, 0);

        assertThat(none.share()).isZero();
        for (int gfn = 0; gfn < 1 << 16; gfn++) {
            assertThat(none.samples(1, gfn)).isFalse();
        }
    }

    @Test
    void aReferenceAllocatesNothing() {
        reference(new Random(1));
        Random random = new Random(1);

        long before = Allocation.bytes();
        reference(random);
        long bytes = Allocation.bytes() - before;

        assertThat(bytes).isLessThan(20_000);
    }

    private void reference(Random random) {
        for (int i = 0; i < 200_000; i++) {
            long gfn = random.nextInt(4 * SHADOW_UNITS);
            if (i % 16 == 0) {
                shadows.forgotten(1, gfn, 1);
            } else {
                shadows.fetched(1, gfn, 1, SIZE);
            }
        }
    }

    @Test
    void theShadowsTakeLessThanAKibibyteForEachOfTheirPages() {
        for (int units = 1024; units < 2048; units += 128) {
            Shadows warm = new Shadows(1 << 20, units);
            assertThat(warm.units()).isEqualTo(units);

            long before = Allocation.bytes();
            Shadows measured = new Shadows(1 << 20, units);
            long bytes = Allocation.bytes() - before;

            assertThat(measured.units()).isEqualTo(units);
            assertThat(bytes / units).as("%d pages", units).isBetween(512L, 1024L);
        }
    }

    /** A cache by a policy, on plain collections. */
    private static final class PlainCache {
        private final Page[] pageIn;
        private final Map<Page, Integer> cellOf = new HashMap<>();
        private final ArrayDeque<Integer> free = new ArrayDeque<>();
        private final EvictionPolicy policy;

        private record Page(long vmId, long gfn, long version) {}

        PlainCache(PolicyKind kind, int cells) {
            pageIn = new Page[cells];
            for (int cell = 0; cell < cells; cell++) {
                free.add(cell);
            }
            policy = kind.create(cells, 1, cell -> PageIdentity.mix(pageIn[cell].vmId, pageIn[cell].gfn));
        }

        boolean fetched(Page page) {
            Integer cell = cellOf.get(page);
            if (cell != null) {
                policy.used(cell);
                return true;
            }
            admitted(page);
            return false;
        }

        void admitted(Page page) {
            if (cellOf.containsKey(page)) {
                return;
            }
            if (free.isEmpty()) {
                forgotten(pageIn[policy.victim(0, any -> true)]);
            }
            int cell = free.remove();
            pageIn[cell] = page;
            cellOf.put(page, cell);
            policy.added(cell, 0);
        }

        void forgotten(Page page) {
            Integer cell = cellOf.remove(page);
            if (cell != null) {
                policy.removed(cell, 0);
                free.add(cell);
            }
        }

        void vmForgotten(long vmId) {
            List.copyOf(cellOf.keySet()).stream()
                    .filter(page -> page.vmId == vmId)
                    .forEach(this::forgotten);
        }
    }
}
