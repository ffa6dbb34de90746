// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain.prefetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkingSetBudgetTest {
    private static final long MS = 1_000_000;

    private final WorkingSetBudget budget = new WorkingSetBudget(100, 1_000);

    @Test
    void noMoreRoomIsGivenThanThereIs() {
        assertThat(budget.claim(70)).isEqualTo(70);
        assertThat(budget.claim(70)).isEqualTo(30);
        assertThat(budget.claim(1)).isZero();

        budget.release(5);

        assertThat(budget.pagesFree()).isEqualTo(5);
        assertThat(budget.claim(9)).isEqualTo(5);
    }

    /* The clock that the domain is given begins anywhere and may pass the end of a long. */
    @ParameterizedTest
    @ValueSource(longs = {0, 1, -1_000_000_000_000L, Long.MAX_VALUE - 50 * MS, Long.MIN_VALUE})
    void pagesAreDueAtTheirPaceAfterABurst(long startNs) {
        assertThat(take(startNs)).isEqualTo(WorkingSetBudget.BURST);
        assertThat(take(startNs)).isZero();

        assertThat(take(startNs + 10 * MS)).isEqualTo(10);
        assertThat(take(startNs + 10 * MS + MS / 2)).isZero();
        assertThat(take(startNs + 111 * MS)).isEqualTo(101);
        assertThat(take(startNs + 3_600_000 * MS)).as("after a pause").isEqualTo(WorkingSetBudget.BURST);
    }

    @Test
    void whatIsNotPaidStaysDue() {
        take(0);

        assertThat(budget.isDue(MS)).isTrue();
        assertThat(budget.isDue(MS)).isTrue();
    }

    @Test
    void limitsThatMakeNoSenseAreRefused() {
        assertThatThrownBy(() -> new WorkingSetBudget(-1, 1)).hasMessage("pagesMax: -1 (expected: 0 or more)");
        assertThatThrownBy(() -> new WorkingSetBudget(1, 0)).hasMessage("pagesPerS: 0 (expected: 1 to 1000000)");
        assertThatThrownBy(() -> new WorkingSetBudget(1, 1_000_001))
                .hasMessage("pagesPerS: 1000001 (expected: 1 to 1000000)");
    }

    private int take(long nowNs) {
        int pages = 0;
        while (budget.isDue(nowNs)) {
            budget.pay();
            pages++;
        }
        return pages;
    }
}
