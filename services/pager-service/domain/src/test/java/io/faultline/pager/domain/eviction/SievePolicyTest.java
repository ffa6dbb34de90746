// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain.eviction;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class SievePolicyTest {
    private static final int CELLS = 64;

    private final SievePolicy policy = new SievePolicy(CELLS, 2);

    @Test
    void withoutUseTheOldestLeavesFirst() {
        add(0, 1, 2);

        assertThat(evict()).isEqualTo(0);
        assertThat(evict()).isEqualTo(1);
        assertThat(evict()).isEqualTo(2);
        assertThat(evict()).isEqualTo(-1);
    }

    @Test
    void aUsedPageStaysWhereItIsAndTheHandGoesOn() {
        add(0, 1, 2);
        policy.used(0);

        assertThat(evict()).isEqualTo(1);
        add(3);
        assertThat(evict()).isEqualTo(2);
        assertThat(evict()).isEqualTo(3);
        assertThat(evict()).isEqualTo(0);
    }

    @Test
    void pagesUsedAgainOutliveAScan() {
        add(0, 1, 2, 3);
        for (int cell = 4; cell < CELLS; cell++) {
            policy.used(0);
            policy.used(1);
            assertThat(evict()).isGreaterThan(1);
            add(cell);
        }
    }

    @Test
    void aPinnedPageIsPassed() {
        add(0, 1);

        assertThat(policy.victim(0, cell -> cell != 0)).isEqualTo(1);
        assertThat(policy.victim(0, cell -> false)).isEqualTo(-1);
    }

    @Test
    void poolsAreApart() {
        add(0);
        policy.added(1, 1);

        assertThat(evict()).isEqualTo(0);
        assertThat(evict()).isEqualTo(-1);
        assertThat(policy.victim(1, cell -> true)).isEqualTo(1);
    }

    @RepeatedTest(5)
    void anyHistoryLeavesTheListWhole(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        Set<Integer> held = new HashSet<>();
        for (int step = 0; step < 20_000; step++) {
            int cell = random.nextInt(CELLS);
            switch (random.nextInt(4)) {
                case 0, 1 -> {
                    if (held.add(cell)) {
                        add(cell);
                    } else {
                        policy.used(cell);
                    }
                }
                case 2 -> {
                    if (held.remove(cell)) {
                        policy.removed(cell, 0);
                    }
                }
                default -> {
                    int victim = evict();
                    assertThat(victim == -1 ? held.isEmpty() : held.remove(victim))
                            .isTrue();
                }
            }
        }
        List<Integer> rest = new ArrayList<>();
        for (int victim = evict(); victim != -1; victim = evict()) {
            rest.add(victim);
        }
        assertThat(rest).containsExactlyInAnyOrderElementsOf(held);
    }

    private void add(int... cells) {
        for (int cell : cells) {
            policy.added(cell, 0);
        }
    }

    private int evict() {
        int victim = policy.victim(0, cell -> true);
        if (victim != -1) {
            policy.removed(victim, 0);
        }
        return victim;
    }
}
