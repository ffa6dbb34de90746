// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RateBudgetTest {
    private static final long SECOND_NS = 1_000_000_000;

    @Test
    void aSecondsWorthMayComeAtOnceAndThenNothing() {
        RateBudget budget = new RateBudget(100, 0);

        budget.take(99);
        assertThat(budget.isSpent()).isFalse();
        budget.take(1);

        assertThat(budget.isSpent()).isTrue();
        assertThat(budget.waitNs(0)).isEqualTo(SECOND_NS / 100);
    }

    @Test
    void whatWasTakenBeyondIsOwed() {
        RateBudget budget = new RateBudget(100, 0);

        budget.take(150);

        assertThat(budget.waitNs(0)).isEqualTo(SECOND_NS / 100 * 51);
        assertThat(budget.waitNs(SECOND_NS / 2)).isPositive();
        assertThat(budget.waitNs(SECOND_NS / 100 * 51)).isZero();
    }

    @Test
    void anUnusedBudgetHoldsNoMoreThanASecondsWorth() {
        RateBudget budget = new RateBudget(100, 0);

        assertThat(budget.waitNs(60 * SECOND_NS)).isZero();
        budget.take(100);

        assertThat(budget.isSpent()).isTrue();
    }

    @Test
    void whoKeepsTakingAllThereIsGetsTheRate() {
        RateBudget budget = new RateBudget(1_000, 0);
        long taken = 0;
        for (long nowNs = 0; nowNs < 10 * SECOND_NS; nowNs += SECOND_NS / 10_000) {
            if (!budget.isSpent() || budget.waitNs(nowNs) == 0) {
                budget.take(1);
                taken++;
            }
        }

        assertThat(taken).isBetween(10_999L, 11_001L);
    }

    @Test
    void itIsFullAgainASecondAfterItWasSpent() {
        RateBudget budget = new RateBudget(100, 0);
        budget.take(100);

        assertThat(budget.isFull(SECOND_NS / 2)).isFalse();
        assertThat(budget.isFull(SECOND_NS)).isTrue();
    }
}
