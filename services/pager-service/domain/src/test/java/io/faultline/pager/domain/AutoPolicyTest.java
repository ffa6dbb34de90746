// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.PageSize;
import io.faultline.model.Tier;
import io.faultline.pager.domain.eviction.PolicyKind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A pager that chooses its policy, with streams of fetches that each policy likes or does not. */
class AutoPolicyTest {
    private static final int DRAM_PAGES = 1024;
    private static final int SHADOW_PAGES = 2048;
    private static final int PHASES = 4;
    private static final int PHASE_FETCHES = 100_000;
    private static final int FETCHES_A_TURN = 64;
    private static final long VM = 1;
    private static final PolicyKind FIRST = PolicyKind.W_TINYLFU;

    @Test
    void phasesThatChangeCostTheChooserLessThanTheBestPolicyOfAll() {
        long[] fetches = phases(new Random(1));
        Map<PolicyKind, Long> fixed = new EnumMap<>(PolicyKind.class);
        for (PolicyKind kind : PolicyKind.values()) {
            fixed.put(kind, new Run(DramPolicy.fixed(kind)).misses(fetches));
        }

        Run auto = new Run(new DramPolicy(FIRST, true, SHADOW_PAGES));
        long misses = auto.misses(fetches);

        assertThat(fixed)
                .as("auto: %d, %s", misses, auto.switches)
                .allSatisfy((_, missesOfOne) -> assertThat(misses).isLessThan(missesOfOne));
        assertThat(auto.switches).hasSizeBetween(PHASES - 1, PHASES + 1);
    }

    /** No policy can know anything of pages that are drawn at random, so all differ by chance only. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void noiseChangesNothing(long seed) {
        Random random = new Random(seed);
        long[] fetches = new long[PHASES * PHASE_FETCHES];
        for (int i = 0; i < fetches.length; i++) {
            fetches[i] = random.nextInt(3 * DRAM_PAGES);
        }
        Run auto = new Run(new DramPolicy(FIRST, true, SHADOW_PAGES));
        auto.misses(fetches);

        assertThat(auto.switches).isEmpty();
    }

    @Test
    void aTurnMovesSomePagesOnlyAndNoneIsLost() {
        Run run = new Run(DramPolicy.fixed(PolicyKind.LRU));
        int resident = DRAM_PAGES / 2;
        for (long gfn = 0; gfn < resident; gfn++) {
            run.fetch(gfn);
        }
        run.pager.switchPolicy(PolicyKind.LIRS);
        int turns = 0;
        while (run.turn()) {
            turns++;
        }

        // One in which the policy is made, then 256 pages a turn.
        assertThat(turns).isEqualTo(1 + resident / 256);
        assertThat(run.switches).containsExactly(PolicyKind.LIRS);
        long before = run.loads;
        for (long gfn = 0; gfn < resident; gfn++) {
            run.fetch(gfn);
        }
        assertThat(run.loads).isEqualTo(before);
    }

    /** By turns a loop that is larger than the tier, and a working set that drifts away. */
    private static long[] phases(Random random) {
        long[] fetches = new long[PHASES * PHASE_FETCHES];
        for (int i = 0; i < fetches.length; i++) {
            int phase = i / PHASE_FETCHES;
            int within = i % PHASE_FETCHES;
            fetches[i] = phase % 2 == 0
                    ? within % (DRAM_PAGES * 13 / 10)
                    : (phase << 20) + within / 6 + (long) Math.abs(random.nextGaussian() * DRAM_PAGES * 0.45);
        }
        return fetches;
    }

    /** A pager whose swap store answers at once, and whose policies are made at the end of the turn. */
    private static final class Run implements PagerEffects {
        private final Pager pager;
        private final ArrayDeque<Integer> loading = new ArrayDeque<>();
        private final ArrayDeque<Integer> sending = new ArrayDeque<>();
        private final ArrayDeque<PolicyKind> asked = new ArrayDeque<>();
        private final List<PolicyKind> switches = new ArrayList<>();
        private long loads;

        Run(DramPolicy policy) {
            pager = new Pager(new PagerLimits(DRAM_PAGES * 4096L, 0, 64, 64, 1, 64), policy, this);
        }

        long misses(long[] fetches) {
            for (int i = 0; i < fetches.length; i++) {
                fetch(fetches[i]);
                if (i % FETCHES_A_TURN == 0) {
                    turn();
                }
            }
            assertThat(pager.stats().dram().fetches() + loads).isEqualTo(fetches.length);
            return loads;
        }

        void fetch(long gfn) {
            pager.fetch(1, 1, VM, gfn, 1, PageSize.SIZE_4K);
            while (!loading.isEmpty()) {
                pager.loaded(loading.remove(), LoadResult.DATA, 1);
            }
            while (!sending.isEmpty()) {
                pager.sent(sending.remove());
            }
        }

        boolean turn() {
            boolean more = pager.tidy();
            while (!asked.isEmpty()) {
                PolicyKind kind = asked.remove();
                pager.policyMade(kind, pager.newPolicy(kind));
                switches.add(kind);
                more = true;
            }
            return more;
        }

        @Override
        public void answerData(int stream, long requestId, Tier tier, int cell) {
            sending.add(cell);
        }

        @Override
        public void answer(int stream, long requestId, PageAnswer answer, Tier tier) {
            throw new AssertionError("answer: " + answer + " (expected: data)");
        }

        @Override
        public void load(int cell) {
            loads++;
            loading.add(cell);
        }

        @Override
        public void store(int cell) {
            throw new AssertionError("nothing is stored");
        }

        @Override
        public void deflate(int cell, int row) {
            throw new AssertionError("nothing is deflated");
        }

        @Override
        public void inflate(int cell, int row) {
            throw new AssertionError("nothing is inflated");
        }

        @Override
        public void delete(long vmId, long gfn, long version) {
            throw new AssertionError("nothing is deleted");
        }

        @Override
        public void dropVm(long vmId, long pagesDropped) {
            throw new AssertionError("nothing is dropped");
        }

        @Override
        public void makePolicy(PolicyKind kind) {
            asked.add(kind);
        }
    }
}
