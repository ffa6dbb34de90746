// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain.eviction;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TinyLfuPolicyTest {
    private static final int CELLS = 2048;
    private static final int REFERENCES = 400_000;

    /** As the DRAM tier evicts ahead of demand: a sixty-fourth of the tier at a time. */
    @Test
    void pagesThatLeaveManyAtATimeAreComparedAsThoseThatLeaveAlone() {
        int alone = misses(1);
        int many = misses(CELLS / 64);

        assertThat(many).as("%d when they leave alone", alone).isBetween(alone, alone * 105 / 100);
    }

    /** Misses over a few pages used often and many used once, when so many leave whenever no cell is free. */
    private static int misses(int atATime) {
        long[] pageIn = new long[CELLS];
        TinyLfuPolicy policy = new TinyLfuPolicy(CELLS, 1, cell -> PageIdentity.mix(1, pageIn[cell]));
        Map<Long, Integer> cellOf = new HashMap<>();
        int[] free = new int[CELLS];
        for (int cell = 0; cell < CELLS; cell++) {
            free[cell] = cell;
        }
        int freeCount = CELLS;
        int misses = 0;
        Random random = new Random(1);
        for (int i = 0; i < REFERENCES; i++) {
            long page = random.nextInt(4) == 0 ? CELLS + i : random.nextInt(CELLS);
            Integer found = cellOf.get(page);
            if (found != null) {
                policy.used(found);
                continue;
            }
            misses++;
            if (freeCount == 0) {
                for (int left = 0; left < atATime; left++) {
                    int victim = policy.victim(0, any -> true);
                    policy.removed(victim, 0);
                    cellOf.remove(pageIn[victim]);
                    free[freeCount++] = victim;
                }
            }
            int cell = free[--freeCount];
            pageIn[cell] = page;
            cellOf.put(page, cell);
            policy.added(cell, 0);
        }
        return misses;
    }
}
