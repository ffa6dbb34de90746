// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain.prefetch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StrideTrendTest {
    private static final int[] WINDOWS = {4, 8, 16, 32};
    private static final int SEEDS = 500;
    private static final int MISSES = 400;

    private final StrideTrend trend = new StrideTrend();

    @Test
    void aStreamIsFollowedAfterFourStrides() {
        misses(100, 103, 106, 109);
        assertThat(trend.majority()).isEqualTo(StrideTrend.NONE);

        misses(112);

        assertThat(trend.majority()).isEqualTo(3);
        assertThat(trend.lastStride()).isEqualTo(3);
    }

    @Test
    void aStreamThatTurnsIsFollowedAfterThreeStrides() {
        for (long gfn = 0; gfn < 100; gfn++) {
            misses(gfn);
        }

        misses(97, 95);
        assertThat(trend.majority()).isEqualTo(1);
        misses(93);

        assertThat(trend.majority()).isEqualTo(-2);
    }

    @Test
    void aStreamThatIsInterruptedIsSeenInALargerWindow() {
        for (long gfn = 0; gfn < 28; gfn++) {
            misses(gfn);
        }
        misses(900_000, 29, 30, 800_000);

        assertThat(trend.majority()).isEqualTo(1);
        assertThat(trend.lastStride()).isNotEqualTo(1);
    }

    @Test
    void oneHalfIsNoMajority() {
        misses(0, 1, 2, 3, 4, 5, 6, 7, 8, 108, 208, 308, 408, 508, 608, 708, 808);
        assertThat(trend.majority()).isEqualTo(100);

        misses(809, 810);

        assertThat(trend.majority()).as("2 and 2 of 4, 6 and 2 of 8").isEqualTo(100);
        misses(811, 812, 815, 819);
        assertThat(trend.majority()).as("4 of 8 and 8 of 16").isEqualTo(StrideTrend.NONE);
    }

    @Test
    void aPageMissedAgainAndAgainIsNoTrend() {
        misses(5, 5, 5, 5, 5, 5);

        assertThat(trend.majority()).isEqualTo(StrideTrend.NONE);
    }

    @Test
    void itFindsWhatCountingFinds() {
        int found = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            found += compare(new Random(seed), "seed " + seed);
        }
        assertThat(found).as("misses with a trend").isBetween(SEEDS * MISSES / 20, SEEDS * MISSES * 19 / 20);
    }

    private static int compare(Random random, String name) {
        StrideTrend trend = new StrideTrend();
        List<Long> newestFirst = new ArrayList<>();
        int regularity = random.nextInt(100);
        long stride = 1;
        long gfn = random.nextInt(1_000);
        trend.missed(gfn);
        int found = 0;
        for (int i = 0; i < MISSES; i++) {
            stride = random.nextInt(20) == 0 ? random.nextInt(7) - 3 : stride;
            long step = random.nextInt(100) < regularity ? stride : random.nextInt(9) - 4;
            gfn += step;
            newestFirst.addFirst(step);
            trend.missed(gfn);

            assertThat(trend.majority()).as(name).isEqualTo(counted(newestFirst));
            found += trend.majority() == StrideTrend.NONE ? 0 : 1;
        }
        return found;
    }

    private static long counted(List<Long> newestFirst) {
        for (int window : WINDOWS) {
            if (window > newestFirst.size()) {
                break;
            }
            List<Long> latest = newestFirst.subList(0, window);
            for (long stride : latest) {
                if (Collections.frequency(latest, stride) > window / 2) {
                    return stride;
                }
            }
        }
        return StrideTrend.NONE;
    }

    private void misses(long... gfns) {
        for (long gfn : gfns) {
            trend.missed(gfn);
        }
    }
}
