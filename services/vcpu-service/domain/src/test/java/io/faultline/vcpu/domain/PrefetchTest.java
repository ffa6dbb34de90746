// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.FailReason;
import io.faultline.model.PageSource;
import io.faultline.vcpu.domain.prefetch.HintSource;
import io.faultline.vcpu.domain.prefetch.PrefetchCounters;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Hints ahead of a stream of misses, and what is said of each. */
class PrefetchTest {
    private static final long FIRST = Rig.BASE_GFN;
    /** The misses after which a stream is followed. */
    private static final int START = 5;

    private final Rig rig = new Rig(0, 1);

    @Test
    void aStreamIsHintedFurtherAheadTheLongerItHolds() {
        swapOut(FIRST, 100);
        misses(START);
        assertThat(hinted()).containsExactly(FIRST + 5);

        miss(FIRST + 5);
        assertThat(hinted()).containsExactly(FIRST + 6, FIRST + 7);
        miss(FIRST + 6);
        assertThat(hinted()).containsExactly(FIRST + 8, FIRST + 9, FIRST + 10);
        miss(FIRST + 7);
        miss(FIRST + 8);

        assertThat(hinted()).containsExactlyElementsOf(range(FIRST + 11, FIRST + 17));
        miss(FIRST + 9);
        assertThat(hinted())
                .as("one more, for each page that the stream moves on")
                .containsExactly(FIRST + 17);
    }

    @Test
    void hintsComeBehindTheFetchOfTheFault() {
        swapOut(FIRST, 100);
        List<String> order = new ArrayList<>();
        RecordingEffects seen = new RecordingEffects() {
            @Override
            public void fetch(int frame, long gfn, long version, int crc, long faultRef) {
                super.fetch(frame, gfn, version, crc, faultRef);
                order.add("fetch " + gfn);
            }

            @Override
            public boolean prefetch(long gfn, long version) {
                order.add("hint " + gfn);
                return super.prefetch(gfn, version);
            }
        };
        Rig ordered = new Rig(seen, 0);
        ordered.swapOut(range(0x100, 0x140).stream().mapToLong(gfn -> gfn).toArray());
        for (long gfn = 0x100; gfn < 0x105; gfn++) {
            ordered.fault(0, gfn);
            ordered.data(gfn);
        }

        assertThat(order).endsWith("fetch " + 0x104, "hint " + 0x105);
    }

    @Test
    void aRandomStreamIsNotHinted() {
        swapOut(FIRST, 4_000);
        Random random = new Random(7);

        for (int i = 0; i < 1_000; i++) {
            long gfn = FIRST + random.nextInt(4_000);
            if (rig.state(gfn) == PageState.SWAPPED) {
                miss(gfn);
            }
        }

        assertThat(rig.seen.hints).isEmpty();
    }

    @Test
    void aStreamThatOnlyLooksRegularCostsLittle() {
        int misses = 0;
        long gfn = FIRST;
        for (int stride = 2; stride < 400; stride++) {
            rig.swapOut(gfn);
            for (int i = 0; i < START - 1; i++) {
                rig.swapOut(gfn + stride);
                miss(gfn);
                misses++;
                gfn += stride;
            }
            gfn += 7;
        }

        assertThat(rig.seen.hints.size()).isBetween(8, 8 + misses / 64);
        assertThat(trend().timely() + trend().late()).isZero();
    }

    @Test
    void aPageIsHintedOnceWhileItIsNotWanted() {
        swapOut(FIRST, 200);
        misses(40);
        for (int i = 0; i < 20; i++) {
            missOn(1, FIRST + 60 - i);
        }

        assertThat(rig.seen.hints).doesNotHaveDuplicates();
    }

    @Test
    void onlyPagesThatAreInTheTiersAreHinted() {
        swapOut(FIRST, 9);
        rig.fault(1, FIRST + 6);
        misses(6);

        assertThat(hinted()).containsExactly(FIRST + 5, FIRST + 7);
        miss(FIRST + 7);
        assertThat(hinted()).as("behind them are pages of zeros").containsExactly(FIRST + 8);
    }

    @Test
    void hintsEndWithTheMemslot() {
        long end = Rig.BASE_GFN + Rig.PAGES;
        swapOut(end - 7, 14);
        for (long gfn = end - 7; gfn < end; gfn++) {
            miss(gfn);
        }

        assertThat(hinted()).containsExactly(end - 2, end - 1);
    }

    @Test
    void anAccessAsideGivesNoHints() {
        swapOut(FIRST, 200);
        swapOut(FIRST + 1_000, 40);
        misses(30);
        hinted();

        miss(FIRST + 1_000);

        assertThat(hinted()).isEmpty();
        miss(FIRST + 30);
        assertThat(rig.seen.hints).allMatch(hint -> hint.gfn() < FIRST + 200);
    }

    @Test
    void withoutPagesToHintThereAreNone() {
        Rig off = Rig.withoutPrefetch(0);
        off.swapOut(range(FIRST, FIRST + 64).stream().mapToLong(gfn -> gfn).toArray());

        for (long gfn = FIRST; gfn < FIRST + 64; gfn++) {
            off.fault(0, gfn);
            off.data(gfn);
        }

        assertThat(off.seen.hints).isEmpty();
        assertThat(off.vm.counters().prefetches(HintSource.TREND).refused()).isZero();
    }

    @Test
    void hintsThatAreNotTakenAreCountedAndTriedAgain() {
        swapOut(FIRST, 100);
        misses(12);
        hinted();
        rig.seen.takesHints = false;
        miss(FIRST + 12);
        miss(FIRST + 13);
        assertThat(trend().refused()).isEqualTo(2);

        rig.seen.takesHints = true;
        miss(FIRST + 14);

        assertThat(hinted()).containsExactly(FIRST + 20, FIRST + 21, FIRST + 22);
    }

    @Test
    void whatIsThereInTimeAndWhatIsLateAreToldApart() {
        swapOut(FIRST, 100);
        misses(START);
        arrives(FIRST + 5, PageSource.DRAM);
        arrives(FIRST + 6, PageSource.SWAP_STORE);
        arrives(FIRST + 7, PageSource.COMPRESSED);

        PrefetchCounters counters = trend();
        assertThat(counters.timely()).isEqualTo(2);
        assertThat(counters.late()).isEqualTo(1);
        assertThat(counters.unused()).isZero();
        assertThat(counters.issued()).isEqualTo(3 + counters.open());
    }

    @Test
    void whatTheHostOverwritesWasHintedInVain() {
        swapOut(FIRST, 100);
        misses(START);

        rig.host(FIRST + START, HostAccess.OVERWRITE);

        assertThat(trend().unused()).isEqualTo(1);
    }

    @Test
    void whatIsLostOrDeletedWasHintedInVain() {
        swapOut(FIRST, 100);
        misses(7);
        rig.fault(0, FIRST + 7);
        rig.lost(FIRST + 7, FailReason.PAGE_CORRUPT);
        assertThat(trend().unused()).isEqualTo(1);

        rig.vm.setMemslot(new Memslot(0, Rig.BASE_GFN, 0, false), rig.nowNs);

        PrefetchCounters counters = trend();
        assertThat(counters.open()).isZero();
        assertThat(counters.timely() + counters.late() + counters.unused()).isEqualTo(counters.issued());
    }

    @Test
    void aHintExpiresWhenItIsTheOldestOfTooMany() {
        swapOut(FIRST, Hints.OPEN_MAX + 3);
        Hints hints = rig.vm.memory().hints;
        for (int i = 0; i < Hints.OPEN_MAX + 1; i++) {
            hints.offer(rig.page(FIRST + i), FIRST + i, HintSource.TREND);
        }
        assertThat(trend().unused()).isEqualTo(1);
        assertThat(trend().open()).isEqualTo(Hints.OPEN_MAX);

        hints.offer(rig.page(FIRST), FIRST, HintSource.TREND);

        assertThat(rig.seen.hints.getLast().gfn()).as("hinted anew").isEqualTo(FIRST);
        assertThat(trend().unused()).isEqualTo(2);
    }

    @Test
    void whatIsOpenAtTheEndWasHintedInVain() {
        swapOut(FIRST, 100);
        misses(10);

        rig.vm.close(rig.nowNs);

        PrefetchCounters counters = trend();
        assertThat(counters.open()).isZero();
        assertThat(counters.unused()).isPositive();
        assertThat(counters.late() + counters.unused()).isEqualTo(counters.issued());
    }

    private PrefetchCounters trend() {
        return rig.vm.counters().prefetches(HintSource.TREND);
    }

    private void swapOut(long firstGfn, int pages) {
        rig.swapOut(LongStream.range(firstGfn, firstGfn + pages).toArray());
    }

    /** The first pages one after the other. */
    private void misses(int pages) {
        for (long gfn = FIRST; gfn < FIRST + pages; gfn++) {
            miss(gfn);
        }
    }

    private void miss(long gfn) {
        missOn(0, gfn);
    }

    private void missOn(int vcpuId, long gfn) {
        rig.fault(vcpuId, gfn);
        if (rig.state(gfn) == PageState.ARRIVING) {
            rig.data(gfn);
        }
    }

    private void arrives(long gfn, PageSource source) {
        rig.fault(0, gfn);
        rig.data(gfn, source);
    }

    /** The pages hinted since it was last asked. */
    private List<Long> hinted() {
        List<Long> hinted =
                rig.seen.hints.stream().map(RecordingEffects.PageName::gfn).toList();
        rig.seen.hints.clear();
        return hinted;
    }

    private static List<Long> range(long from, long to) {
        return LongStream.range(from, to).boxed().toList();
    }
}
