// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace.info;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageHistoryTest {
    private static final int ALL = 1 << 20;

    @Test
    void aDistanceIsTheNumberOfOtherPagesSince() {
        PageHistory history = new PageHistory(ALL);

        assertThat(history.reference(7, 1)).isEqualTo(PageHistory.FIRST);
        assertThat(history.reference(7, 2)).isZero();
        assertThat(history.reference(8, 3)).isEqualTo(PageHistory.FIRST);
        assertThat(history.reference(8, 4)).isZero();
        assertThat(history.reference(9, 5)).isEqualTo(PageHistory.FIRST);
        assertThat(history.reference(7, 6)).isEqualTo(2);
        assertThat(history.previousTime()).isEqualTo(2);
        assertThat(history.size()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 100, 5_000})
    void distancesAreThoseOfAListInTheOrderOfUse(int pages) {
        SplittableRandom random = new SplittableRandom(pages);
        PageHistory history = new PageHistory(ALL);
        List<Long> byUse = new ArrayList<>();
        Map<Long, Long> times = new HashMap<>();

        for (int i = 0; i < 30_000; i++) {
            long page = random.nextInt(pages) * 0x1_0000_0001L;
            int distance = byUse.indexOf(page);
            byUse.remove(page);
            byUse.addFirst(page);

            assertThat(history.reference(page, i)).isEqualTo(distance);
            if (distance >= 0) {
                assertThat(history.previousTime()).isEqualTo(times.get(page));
            }
            times.put(page, (long) i);
        }
    }

    @Test
    void aSampleOfFixedSizeTellsTheMissesOfMorePages() {
        List<Long> references = zipf(400_000, 60_000);
        MissCurve exact = curve(references, ALL);
        MissCurve sampled = curve(references, 8_192);

        assertThat(exact.rate()).isEqualTo(1);
        assertThat(sampled.rate()).isLessThanOrEqualTo(1.0 / 4);
        assertThat((double) sampled.pages()).isCloseTo((double) exact.pages(), within(0.05 * exact.pages()));
        for (long capacity = 1_000; capacity <= 50_000; capacity += 1_000) {
            assertThat((double) sampled.misses(capacity))
                    .as("at %d pages", capacity)
                    .isCloseTo((double) exact.misses(capacity), within(0.02 * references.size()));
        }
    }

    @Test
    void aSampleIsBoundedHoweverManyPagesThereAre() {
        PageHistory history = new PageHistory(1_000);

        for (long page = 0; page < 1_000_000; page++) {
            history.reference(page, page);
            assertThat(history.size()).isLessThanOrEqualTo(1_000);
        }

        assertThat(history.size()).isGreaterThan(300);
    }

    private static MissCurve curve(List<Long> references, int pagesMax) {
        PageHistory history = new PageHistory(pagesMax);
        MissCurve curve = new MissCurve();
        int halvings = 0;
        for (long page : references) {
            curve.add(history.reference(page, 0));
            for (; halvings < history.halvings(); halvings++) {
                curve.halve();
            }
        }
        return curve;
    }

    /** Pages of which the n-th is asked for about in proportion to 1 / n. */
    private static List<Long> zipf(int references, int pages) {
        SplittableRandom random = new SplittableRandom(42);
        List<Long> list = new ArrayList<>(references);
        for (int i = 0; i < references; i++) {
            list.add((long) Math.exp(random.nextDouble() * Math.log(pages)));
        }
        return list;
    }
}
