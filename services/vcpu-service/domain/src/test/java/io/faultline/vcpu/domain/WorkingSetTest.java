// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.model.PageSource;
import io.faultline.vcpu.domain.prefetch.HintSource;
import io.faultline.vcpu.domain.prefetch.PrefetchCounters;
import io.faultline.vcpu.domain.prefetch.WorkingSetBudget;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** What a VM touched, and what is hinted at when it starts again. */
class WorkingSetTest {
    private static final long FIRST = Rig.BASE_GFN;
    private static final int PAGES = 2_000;
    private static final int PAGES_PER_S = 1_000;
    /** What is due at once. */
    private static final int BURST = 256;

    private final Rig rig = new Rig(0);
    private final WorkingSetBudget budget = new WorkingSetBudget(WorkingSet.PAGES_MAX, PAGES_PER_S);

    @Test
    void firstTouchesAreRememberedInTheirOrder() {
        rig.vm.rememberWorkingSet(budget);
        touch(FIRST + 9, FIRST + 3, FIRST + 9, FIRST + 4, FIRST + 3);

        assertThat(rig.vm.workingSet()).containsExactly(FIRST + 9, FIRST + 3, FIRST + 4);
    }

    @RepeatedTest(20)
    void whateverIsTouchedIsRememberedOnceInItsOrder(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        WorkingSet set = rig.vm.memory().workingSet;
        set.remember(budget);
        Set<Long> touched = new LinkedHashSet<>();
        long stride = 1L << random.nextInt(30);
        for (int i = 0; i < 3_000; i++) {
            long gfn = random.nextInt(1_000) * stride;
            set.touched(gfn);
            touched.add(gfn);
        }

        assertThat(set.gfns()).isEqualTo(touched.stream().mapToLong(gfn -> gfn).toArray());
        assertThat(budget.pagesFree()).isEqualTo(WorkingSet.PAGES_MAX - touched.size());
    }

    @Test
    void nothingIsRememberedUnlessAskedFor() {
        touch(FIRST);

        assertThat(rig.vm.workingSet()).isEmpty();
        assertThatThrownBy(() -> rig.vm.expectWorkingSet(new long[] {FIRST})).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void whatTheHostWritesIsNotTouched() {
        rig.vm.rememberWorkingSet(budget);
        rig.host(FIRST, HostAccess.OVERWRITE);

        assertThat(rig.vm.workingSet()).isEmpty();
    }

    @Test
    void noMorePagesAreRememberedThanTheBound() {
        WorkingSet set = rig.vm.memory().workingSet;
        set.remember(new WorkingSetBudget(Integer.MAX_VALUE, PAGES_PER_S));
        for (long gfn = 0; gfn < WorkingSet.PAGES_MAX + 10; gfn++) {
            set.touched(gfn);
        }

        assertThat(set.gfns()).hasSize(WorkingSet.PAGES_MAX).endsWith(WorkingSet.PAGES_MAX - 1L);
    }

    @Test
    void allVmsTogetherRememberNoMoreThanTheBudgetAndGiveItBack() {
        WorkingSetBudget small = new WorkingSetBudget(5, PAGES_PER_S);
        Rig other = new Rig(0);
        rig.vm.rememberWorkingSet(small);
        other.vm.rememberWorkingSet(small);
        rig.vm.expectWorkingSet(new long[] {1, 2});
        touch(FIRST, FIRST + 1);
        other.fault(0, FIRST);
        other.fault(0, FIRST + 1);
        assertThat(other.vm.workingSet()).containsExactly(FIRST);
        assertThat(small.pagesFree()).isZero();

        rig.vm.close(rig.nowNs);
        other.vm.expectWorkingSet(new long[] {1, 2, 3, 4, 5, 6});

        assertThat(small.pagesFree()).isZero();
        other.vm.close(other.nowNs);
        assertThat(small.pagesFree()).isEqualTo(5);
        assertThat(rig.vm.workingSet()).as("after the end too").containsExactly(FIRST, FIRST + 1);
    }

    @Test
    void hintsBeginWithTheFirstMiss() {
        swapOutAll();
        expect(FIRST + 50, FIRST + 7, FIRST + 30);
        rig.advance(1_000 * Rig.MS);
        assertThat(hinted()).isEmpty();
        assertThat(rig.vm.isHintingWorkingSet()).isFalse();

        rig.fault(0, FIRST);

        assertThat(hinted()).containsExactly(FIRST + 50, FIRST + 7, FIRST + 30);
        assertThat(rig.vm.isHintingWorkingSet()).as("done").isFalse();
        assertThat(budget.pagesFree()).as("and forgotten").isEqualTo(WorkingSet.PAGES_MAX - 1);
    }

    @Test
    void aFaultOnAPageOfZerosIsNoMiss() {
        rig.swapOut(FIRST + 50);
        expect(FIRST + 50);

        rig.fault(0, FIRST);

        assertThat(hinted()).isEmpty();
    }

    /* Another life may have other memslots, and a file may hold anything. */
    @Test
    void pagesThatAreNotInTheTiersArePassedOver() {
        rig.swapOut(FIRST, FIRST + 5);
        expect(FIRST, FIRST + 4, 1, 1L << 39, -1, Long.MIN_VALUE, Long.MAX_VALUE, FIRST + 5, FIRST + 5);

        rig.fault(0, FIRST);

        assertThat(hinted()).containsExactly(FIRST + 5);
    }

    @Test
    void aMemslotThatGoesTakesItsHintsAlong() {
        swapOutAll();
        expect(LongStream.range(FIRST, FIRST + PAGES).toArray());
        rig.fault(0, FIRST);

        rig.vm.setMemslot(new Memslot(0, Rig.BASE_GFN, 0, false), rig.nowNs);
        hinted();
        rig.advance(60_000 * Rig.MS);

        assertThat(hinted()).isEmpty();
        PrefetchCounters counters = byWorkingSet();
        assertThat(counters.unused()).isEqualTo(counters.issued()).isPositive();
        assertThat(counters.open()).isZero();
    }

    @Test
    void hintsAreGivenAtTheirPace() {
        swapOutAll();
        expect(LongStream.range(FIRST + 1, FIRST + PAGES).toArray());
        rig.fault(0, FIRST);
        assertThat(hinted()).hasSize(BURST);
        assertThat(rig.vm.isHintingWorkingSet()).isTrue();

        rig.advance(100 * Rig.MS);
        assertThat(hinted()).hasSize(100);
        rig.advance(60_000 * Rig.MS);
        assertThat(hinted()).as("after a tick that came late").hasSize(BURST);
        for (int tick = 0; tick < PAGES && rig.vm.isHintingWorkingSet(); tick++) {
            rig.advance(10 * Rig.MS);
        }

        assertThat(byWorkingSet().issued()).as("each page once").isEqualTo(PAGES - 1);
        assertThat(rig.vm.isHintingWorkingSet()).isFalse();
    }

    @Test
    void aHintThatIsNotTakenIsGivenLater() {
        swapOutAll();
        expect(FIRST + 5, FIRST + 6);
        rig.seen.takesHints = false;
        rig.fault(0, FIRST);
        assertThat(hinted()).isEmpty();

        rig.seen.takesHints = true;
        rig.advance(10 * Rig.MS);

        assertThat(hinted()).containsExactly(FIRST + 5, FIRST + 6);
        assertThat(byWorkingSet().refused()).isEqualTo(1);
    }

    @Test
    void whatCameOfThemIsCountedApart() {
        swapOutAll();
        expect(FIRST + 5, FIRST + 60, FIRST + 77);
        rig.fault(0, FIRST);
        rig.fault(0, FIRST + 60);
        rig.data(FIRST);
        rig.data(FIRST + 60, PageSource.DRAM);
        rig.vm.close(rig.nowNs);

        PrefetchCounters counters = byWorkingSet();
        assertThat(List.of(counters.issued(), counters.timely(), counters.late(), counters.unused(), counters.open()))
                .containsExactly(3L, 1L, 0L, 2L, 0L);
        assertThat(rig.vm.counters().prefetches(HintSource.TREND).issued()).isZero();
    }

    @Test
    void aStreamDoesNotHintAtWhatTheWorkingSetHas() {
        swapOutAll();
        expect(LongStream.range(FIRST, FIRST + 40).toArray());
        touch(LongStream.range(FIRST, FIRST + 30).toArray());

        assertThat(rig.seen.hints).doesNotHaveDuplicates();
    }

    private void expect(long... gfns) {
        rig.vm.rememberWorkingSet(budget);
        rig.vm.expectWorkingSet(gfns);
    }

    private PrefetchCounters byWorkingSet() {
        return rig.vm.counters().prefetches(HintSource.WORKING_SET);
    }

    private void swapOutAll() {
        rig.swapOut(LongStream.range(FIRST, FIRST + PAGES).toArray());
    }

    private void touch(long... gfns) {
        for (long gfn : gfns) {
            rig.fault(0, gfn);
            if (rig.state(gfn) == PageState.ARRIVING) {
                rig.data(gfn);
            }
        }
    }

    private List<Long> hinted() {
        List<Long> hinted =
                rig.seen.hints.stream().map(RecordingEffects.PageName::gfn).toList();
        rig.seen.hints.clear();
        return hinted;
    }
}
