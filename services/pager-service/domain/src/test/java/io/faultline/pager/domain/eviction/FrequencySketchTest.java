// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain.eviction;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FrequencySketchTest {
    private static final int CELLS = 4096;

    private final FrequencySketch sketch = new FrequencySketch(CELLS);

    @Test
    void aPageNeverCountedHasNoFrequency() {
        assertThat(sketch.frequency(page(7))).isZero();
    }

    @Test
    void usesAreCountedUpToTheMost() {
        for (int uses = 1; uses <= 20; uses++) {
            sketch.count(page(7));
            assertThat(sketch.frequency(page(7))).isEqualTo(Math.min(uses, FrequencySketch.FREQUENCY_MAX));
        }
    }

    @Test
    void oftenUsedPagesStandOutAmongMany() {
        for (int round = 0; round < 8; round++) {
            for (int page = 0; page < 64; page++) {
                sketch.count(page(page));
            }
        }
        for (int page = 1_000; page < 1_000 + CELLS; page++) {
            sketch.count(page(page));
        }

        int confused = 0;
        for (int page = 1_000; page < 1_000 + CELLS; page++) {
            confused += sketch.frequency(page(page)) >= 8 ? 1 : 0;
        }
        for (int page = 0; page < 64; page++) {
            assertThat(sketch.frequency(page(page))).isGreaterThanOrEqualTo(8);
        }
        assertThat(confused).isLessThan(CELLS / 50);
    }

    @Test
    void whatWasPopularOnceIsForgotten() {
        for (int uses = 0; uses < 15; uses++) {
            sketch.count(page(7));
        }
        for (int use = 0; use < 3 * 16 * CELLS; use++) {
            sketch.count(page(1_000 + use % (4 * CELLS)));
        }

        assertThat(sketch.frequency(page(7))).isLessThan(15);
    }

    private static long page(int gfn) {
        return PageIdentity.mix(1, gfn);
    }
}
