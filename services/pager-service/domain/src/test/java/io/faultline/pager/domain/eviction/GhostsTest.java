// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain.eviction;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GhostsTest {
    private static final int CELLS = 1024;

    private final Ghosts ghosts = new Ghosts(CELLS);

    @Test
    void aPageThatLeftIsRememberedOnceWithItsTime() {
        ghosts.put(page(7), -3);

        assertThat(Ghosts.time(ghosts.remove(page(7)))).isEqualTo(-3);
        assertThat(ghosts.remove(page(7))).isEqualTo(Ghosts.NONE);
    }

    @Test
    void itForgetsTheOldOnes() {
        for (int time = 1; time <= 4 * CELLS; time++) {
            ghosts.put(page(time), time);
        }

        assertThat(remembered(3 * CELLS + CELLS / 2, 4 * CELLS)).isGreaterThan(CELLS / 2 * 9 / 10);
        assertThat(remembered(0, 2 * CELLS)).isLessThan(CELLS / 10);
    }

    @Test
    void timesMayWrap() {
        for (int i = 0; i < 4 * CELLS; i++) {
            ghosts.put(page(i), Integer.MAX_VALUE - 2 * CELLS + i);
        }

        assertThat(remembered(3 * CELLS + CELLS / 2, 4 * CELLS)).isGreaterThan(CELLS / 2 * 9 / 10);
    }

    private int remembered(int from, int to) {
        int remembered = 0;
        for (int page = from; page < to; page++) {
            remembered += ghosts.remove(page(page)) == Ghosts.NONE ? 0 : 1;
        }
        return remembered;
    }

    private static long page(int gfn) {
        return PageIdentity.mix(1, gfn);
    }
}
