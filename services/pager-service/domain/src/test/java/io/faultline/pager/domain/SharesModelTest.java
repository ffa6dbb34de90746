// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.PageSize;
import io.faultline.pager.domain.eviction.PolicyKind;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/**
 * Random histories of VMs of changing weights, with every policy: whoever is at or below its share keeps its pages while
 * somebody is above. The repetition is the seed.
 */
class SharesModelTest {
    private static final int VMS = 6;
    private static final int CELLS = 256;
    private static final int GFNS = 400;
    private static final int STEPS = 20_000;

    private final RecordingEffects effects = new RecordingEffects();
    private final int[] weights = new int[VMS + 1];

    private final long[] usedBefore = new long[VMS + 1];
    private final long[] evictionsBefore = new long[VMS + 1];
    private Pager pager = pager(PolicyKind.FIFO);
    private long evictions;

    @RepeatedTest(14)
    void whoeverIsWithinItsShareKeepsItsPagesWhileSomebodyIsAbove(RepetitionInfo repetition) {
        int seed = repetition.getCurrentRepetition();
        Random random = new Random(seed);
        PolicyKind[] kinds = PolicyKind.values();
        pager = pager(kinds[seed % kinds.length]);
        Arrays.fill(weights, 1);
        for (int step = 0; step < STEPS; step++) {
            int vm = vmOf(random, step);
            look();
            act(random, vm);
            check(vm);
            look();
            pager.tidy();
            check(0);
            effects.answers.clear();
        }
        assertThat(evictions).isGreaterThan(STEPS / 10);
    }

    private Pager pager(PolicyKind kind) {
        return new Pager(new PagerLimits(CELLS << 12, 0, 24, 64, 24, 96), kind, effects);
    }

    /* Now this VM asks for most, now that one; and now and then one is away for long. */
    private static int vmOf(Random random, int step) {
        int phase = step / 1000;
        return random.nextInt(3) == 0 ? 1 + random.nextInt(1 + phase % VMS) : 1 + phase * 5 % VMS;
    }

    private void act(Random random, int vm) {
        long gfn = random.nextInt(4) == 0 ? random.nextInt(GFNS) : random.nextInt(GFNS / 20);
        switch (random.nextInt(12)) {
            case 0, 1, 2, 3, 4 -> pager.fetch(0, 0, vm, gfn, 1, PageSize.SIZE_4K);
            case 5 -> store(vm, gfn);
            case 6, 7, 8 -> answerSome(random);
            case 9 -> sendSome(random);
            case 10 -> pager.discard(vm, gfn, 1);
            default -> changeSomething(random, vm);
        }
    }

    private void store(int vm, long gfn) {
        int cell = pager.beginStore(0, 0, vm, gfn, 1, PageSize.SIZE_4K);
        if (cell >= 0) {
            pager.commitStore(0, 0, cell, 1, false);
        }
    }

    private void answerSome(Random random) {
        for (int times = random.nextInt(8); times > 0 && !effects.loads.isEmpty(); times--) {
            int cell = effects.loads.remove(/* index */ random.nextInt(effects.loads.size()));
            pager.loaded(cell, LoadResult.DATA, 1);
        }
        for (int times = random.nextInt(8); times > 0 && !effects.stores.isEmpty(); times--) {
            pager.stored(effects.stores.remove(/* index */ random.nextInt(effects.stores.size())), true);
        }
    }

    private void sendSome(Random random) {
        for (int times = random.nextInt(32); times > 0 && !effects.dataCells.isEmpty(); times--) {
            pager.sent(effects.dataCells.remove(/* index */ random.nextInt(effects.dataCells.size())));
        }
    }

    private void changeSomething(Random random, int vm) {
        if (random.nextInt(20) == 0) {
            weights[vm] = 1 + random.nextInt(5);
            assertThat(pager.setQuota(vm, new VmQuota(weights[vm], 0, 0))).isTrue();
        }
    }

    private void look() {
        for (int vm = 1; vm <= VMS; vm++) {
            usedBefore[vm] = used(vm);
            evictionsBefore[vm] = evictions(vm);
        }
    }

    private long used(int vm) {
        return pager.share(vm).dram().bytes() >> 12;
    }

    private long evictions(int vm) {
        return pager.stats(vm).dram().evictions();
    }

    private void check(int wanting) {
        assertThat(IntStream.rangeClosed(1, VMS).mapToLong(this::used).sum())
                .isEqualTo(pager.stats().dram().bytes() >> 12);
        long present = 0;
        for (int vm = 1; vm <= VMS; vm++) {
            present += usedBefore[vm] > 0 ? weights[vm] : 0;
        }
        for (int vm = 1; vm <= VMS; vm++) {
            long lost = evictions(vm) - evictionsBefore[vm];
            evictions += lost;
            long kept = used(vm) - (vm == wanting ? 1 : 0);
            if (lost > 0 && vm != wanting && !isAbove(vm, kept + 1, present)) {
                for (int other = 1; other <= VMS; other++) {
                    long had = used(other) - (other == wanting ? 1 : 0);
                    assertThat(isAbove(other, had, present))
                            .as(
                                    "VM %d lost a page of %d, VM %d kept %d; weights %s",
                                    vm, kept + 1, other, had, Arrays.toString(weights))
                            .isFalse();
                }
            }
        }
    }

    private boolean isAbove(int vm, long cells, long present) {
        return cells * present > (long) CELLS * weights[vm];
    }
}
