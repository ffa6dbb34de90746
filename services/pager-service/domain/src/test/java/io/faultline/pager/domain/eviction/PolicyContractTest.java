// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain.eviction;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every eviction policy must do, whatever it prefers. */
class PolicyContractTest {
    private static final int CELLS = 96;
    private static final int POOLS = 3;
    private static final int STEPS = 60_000;

    private final long[] pageIn = new long[CELLS];

    @ParameterizedTest
    @EnumSource
    void anyHistoryKeepsTheCellsWhole(PolicyKind kind) {
        for (int seed = 1; seed <= 3; seed++) {
            runHistory(kind.create(CELLS, POOLS, cell -> pageIn[cell]), new Random(seed));
        }
    }

    private void runHistory(EvictionPolicy policy, Random random) {
        List<Set<Integer>> held = new ArrayList<>();
        for (int pool = 0; pool < POOLS; pool++) {
            held.add(new TreeSet<>());
        }
        for (int step = 0; step < STEPS; step++) {
            int cell = random.nextInt(CELLS);
            int pool = cell % POOLS;
            Set<Integer> cells = held.get(pool);
            switch (random.nextInt(5)) {
                case 0, 1 -> {
                    if (cells.add(cell)) {
                        pageIn[cell] = PageIdentity.mix(pool, random.nextInt(3 * CELLS));
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
                default -> evictOne(policy, pool, cells, random.nextInt(4));
            }
        }
        for (int pool = 0; pool < POOLS; pool++) {
            while (!held.get(pool).isEmpty()) {
                evictOne(policy, pool, held.get(pool), 4);
            }
            assertThat(policy.victim(pool, cell -> true)).isEqualTo(EvictionPolicy.NONE);
        }
    }

    private static void evictOne(EvictionPolicy policy, int pool, Set<Integer> held, int unpinned) {
        int victim = policy.victim(pool, cell -> cell % 4 < unpinned);
        if (held.stream().noneMatch(cell -> cell % 4 < unpinned)) {
            assertThat(victim).isEqualTo(EvictionPolicy.NONE);
        } else {
            assertThat(held).contains(victim);
            assertThat(victim % 4).isLessThan(unpinned);
            policy.removed(victim, pool);
            held.remove(victim);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPoolThatWasOpenedLaterIsAsGoodAsAny(PolicyKind kind) {
        for (int pool : new int[] {0, 1, 300, 12_287}) {
            EvictionPolicy policy = kind.create(CELLS, 1, cell -> pageIn[cell]);
            policy.opened(pool);
            for (int round = 0; round < 3; round++) {
                for (int cell = 0; cell < CELLS; cell++) {
                    pageIn[cell] = PageIdentity.mix(round, cell);
                    policy.added(cell, pool);
                    policy.used(cell);
                }
                Set<Integer> victims = new TreeSet<>();
                for (int cell = 0; cell < CELLS; cell++) {
                    int victim = policy.victim(pool, any -> true);
                    policy.removed(victim, pool);
                    victims.add(victim);
                }
                assertThat(victims).hasSize(CELLS);
                assertThat(policy.victim(pool, any -> true)).isEqualTo(EvictionPolicy.NONE);
                policy.opened(pool);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aTierOfOnePageWorks(PolicyKind kind) {
        EvictionPolicy policy = kind.create(1, 1, cell -> pageIn[cell]);

        for (int page = 0; page < 100; page++) {
            pageIn[0] = PageIdentity.mix(1, page % 3);
            policy.added(0, 0);
            policy.used(0);
            assertThat(policy.victim(0, cell -> true)).isZero();
            policy.removed(0, 0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void nothingIsAllocatedAfterConstruction(PolicyKind kind) {
        EvictionPolicy policy = kind.create(CELLS, 1, cell -> pageIn[cell]);
        EvictionPolicy.Evictable any = cell -> true;
        for (int cell = 0; cell < CELLS; cell++) {
            policy.added(cell, 0);
        }
        replaceMany(policy, any);

        long before = Allocation.bytes();
        replaceMany(policy, any);
        long bytes = Allocation.bytes() - before;

        assertThat(bytes).as("bytes in %d evictions", STEPS).isLessThan(STEPS / 10);
    }

    private void replaceMany(EvictionPolicy policy, EvictionPolicy.Evictable any) {
        for (int step = 0; step < STEPS; step++) {
            int cell = policy.victim(0, any);
            policy.removed(cell, 0);
            pageIn[cell] = PageIdentity.mix(1, (step * 31L) % (2 * CELLS));
            policy.added(cell, 0);
            policy.used((cell + 7) % CELLS);
        }
    }
}
