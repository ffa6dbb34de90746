// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain.eviction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SwitchingPolicyTest {
    private static final int CELLS = 96;
    private static final int POOLS = 3;
    private static final int STEPS = 60_000;
    private static final List<PolicyKind> KINDS = List.of(PolicyKind.values());

    private final PageIdentity pages = cell -> PageIdentity.mix(1, cell);

    @Test
    void whatWouldHaveLeftLastLeavesLast() {
        SwitchingPolicy policy = new SwitchingPolicy(PolicyKind.LRU.create(CELLS, 1, pages), 1);
        for (int cell = 0; cell < 5; cell++) {
            policy.added(cell, 0);
        }
        policy.used(1);
        policy.used(0);

        policy.switchTo(PolicyKind.FIFO.create(CELLS, 1, pages));
        moveAll(policy, 2);

        assertThat(drain(policy)).containsExactly(2, 3, 4, 1, 0);
    }

    @Test
    void whatLeavesDuringASwitchIsTheOldPolicysNextVictim() {
        SwitchingPolicy policy = new SwitchingPolicy(PolicyKind.FIFO.create(CELLS, 1, pages), 1);
        for (int cell = 0; cell < 6; cell++) {
            policy.added(cell, 0);
        }
        policy.switchTo(PolicyKind.LRU.create(CELLS, 1, pages));
        assertThat(policy.move(2)).isTrue();

        policy.used(0);
        policy.added(6, 0);

        assertThat(drain(policy)).containsExactly(2, 3, 4, 5, 1, 0, 6);
    }

    @Test
    void aPageThatMayNotLeaveMovesAllTheSame() {
        SwitchingPolicy policy = new SwitchingPolicy(PolicyKind.FIFO.create(CELLS, 1, pages), 1);
        policy.added(0, 0);
        policy.added(1, 0);
        policy.switchTo(PolicyKind.LRU.create(CELLS, 1, pages));

        assertThat(policy.victim(0, cell -> false)).isEqualTo(EvictionPolicy.NONE);
        moveAll(policy, 1);

        assertThat(policy.isSwitching()).isFalse();
        assertThat(drain(policy)).containsExactlyInAnyOrder(0, 1);
    }

    @Test
    void oneSwitchEndsBeforeTheNextBegins() {
        SwitchingPolicy policy = new SwitchingPolicy(PolicyKind.FIFO.create(CELLS, 1, pages), 1);
        policy.added(0, 0);
        policy.switchTo(PolicyKind.LRU.create(CELLS, 1, pages));

        assertThatThrownBy(() -> policy.switchTo(PolicyKind.LIRS.create(CELLS, 1, pages)))
                .isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @EnumSource
    void anyHistoryWithSwitchesKeepsTheCellsWhole(PolicyKind first) {
        Random random = new Random(first.name().hashCode());
        SwitchingPolicy policy = new SwitchingPolicy(first.create(CELLS, POOLS, pages), POOLS);
        List<Set<Integer>> held = new ArrayList<>();
        for (int pool = 0; pool < POOLS; pool++) {
            held.add(new TreeSet<>());
        }
        int switches = 0;
        for (int step = 0; step < STEPS; step++) {
            int cell = random.nextInt(CELLS);
            int pool = cell % POOLS;
            Set<Integer> cells = held.get(pool);
            assertThat(policy.holds(cell)).isEqualTo(cells.contains(cell));
            switch (random.nextInt(6)) {
                case 0, 1 -> {
                    if (cells.add(cell)) {
                        policy.added(cell, pool);
                    }
                }
                case 2 -> {
                    if (cells.contains(cell)) {
                        policy.used(cell);
                    }
                }
                case 3 -> {
                    if (cells.remove(cell)) {
                        policy.removed(cell, pool);
                    }
                }
                case 4 -> evict(policy, pool, cells);
                default -> {
                    boolean more = policy.move(random.nextInt(4));
                    if (!more && random.nextInt(20) == 0) {
                        PolicyKind next = KINDS.get(random.nextInt(KINDS.size()));
                        policy.switchTo(next.create(CELLS, POOLS, pages));
                        switches++;
                    }
                }
            }
        }
        assertThat(switches).isGreaterThan(50);
        moveAll(policy, CELLS);
        for (int pool = 0; pool < POOLS; pool++) {
            while (!held.get(pool).isEmpty()) {
                evict(policy, pool, held.get(pool));
            }
            assertThat(policy.victim(pool, cell -> true)).isEqualTo(EvictionPolicy.NONE);
        }
    }

    private static void evict(SwitchingPolicy policy, int pool, Set<Integer> held) {
        int victim = policy.victim(pool, cell -> true);
        if (held.isEmpty()) {
            assertThat(victim).isEqualTo(EvictionPolicy.NONE);
        } else {
            assertThat(held).contains(victim);
            policy.removed(victim, pool);
            held.remove(victim);
        }
    }

    private static void moveAll(SwitchingPolicy policy, int atATime) {
        int turns = 0;
        while (policy.move(atATime)) {
            assertThat(++turns).isLessThanOrEqualTo(CELLS);
        }
    }

    private static List<Integer> drain(SwitchingPolicy policy) {
        List<Integer> left = new ArrayList<>();
        int victim;
        while ((victim = policy.victim(0, cell -> true)) != EvictionPolicy.NONE) {
            policy.removed(victim, 0);
            left.add(victim);
        }
        return left;
    }
}
