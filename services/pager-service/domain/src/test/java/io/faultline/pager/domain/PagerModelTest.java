// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/** Random histories, with the swap store's answers late and in any order; the repetition is the seed. */
class PagerModelTest {
    private static final int STEPS = 30_000;

    @RepeatedTest(20)
    void everyRequestIsAnsweredOnceAndWithItsOwnPage(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        PagerLimits limits = new PagerLimits(
                1 << 20,
                repetition.getCurrentRepetition() % 4 == 0 ? 0 : (long) (64 + random.nextInt(64)) << 10,
                1 + random.nextInt(16),
                random.nextInt(32),
                1 + random.nextInt(32),
                8 + random.nextInt(64));
        PagerModel model = new PagerModel(random, limits);

        for (int step = 0; step < STEPS; step++) {
            model.step();
        }
        model.settle();

        assertThat(model.answered).isGreaterThan(STEPS / 3);
        assertThat(model.stats().dram().fetches()).isPositive();
        assertThat(model.stats().store().fetches()).isPositive();
        assertThat(model.stats().regret().switches()).isPositive();
        assertThat(model.stats().compressed().fetches() > 0)
                .as("%s", model.stats())
                .isEqualTo(limits.compressedMaxBytes() > 0);
        // Not each history fills the tier.
        if (limits.compressedMaxBytes() == 0) {
            assertThat(model.stats().compressed().evictions()).isZero();
        }
        model.forgetAll();
    }

    @RepeatedTest(4)
    void foresightChangesNothing(RepetitionInfo repetition) {
        PagerModel foreseeing = modelOf(repetition.getCurrentRepetition());
        PagerModel other = modelOf(repetition.getCurrentRepetition());
        foreseeing.foresee();

        for (int step = 0; step < STEPS; step++) {
            foreseeing.step();
            other.step();
        }

        assertThat(foreseeing.answered).isEqualTo(other.answered).isPositive();
        assertThat(foreseeing.stats()).isEqualTo(other.stats());
    }

    private static PagerModel modelOf(int seed) {
        return new PagerModel(new Random(seed), new PagerLimits(1 << 20, 96 << 10, 8, 16, 16, 32));
    }
}
