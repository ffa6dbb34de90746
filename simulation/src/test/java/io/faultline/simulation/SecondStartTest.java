// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.simulation.SecondStart.Life;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a recorded working set brings a VM that starts again from its image, and what it costs those beside it: the real fault
 * plane over the real page plane, in virtual time.
 */
class SecondStartTest {
    private static final int TOUCHED = 2_000;
    private static final int ALSO_TOUCHED_BEFORE = 1_800;
    private static final double P99_FACTOR_MAX = 1.5;

    /** Pages in no order that a stride would tell. */
    private final List<Integer> before = pages(1, Set.of());
    /** Nine of ten of them in another order, and one of ten that is new. */
    private final List<Integer> again = again();

    @Test
    void aSecondStartWaitsForTheStoreForFewPagesThatItTouchedBefore() {
        Life first = new SecondStart(0).live(before, List.of());
        Life without = new SecondStart(0).live(again, List.of());
        Life with = new SecondStart(0).live(again, first.workingSet());

        System.out.printf(
                "store waits of %d touches: %d without, %d with the working set; %d and %d ms; hints: %d timely, %d late, %d"
                        + " unused%n",
                TOUCHED,
                without.storeWaits(),
                with.storeWaits(),
                without.endedUs() / 1_000,
                with.endedUs() / 1_000,
                with.timely(),
                with.late(),
                with.unused());
        assertThat(first.workingSet()).hasSize(TOUCHED).doesNotHaveDuplicates();
        assertThat(without.storeWaits()).isEqualTo(TOUCHED);
        assertThat(with.timely() + with.storeWaits()).isEqualTo(TOUCHED);
        assertThat(with.storeWaits()).isLessThan(2 * (TOUCHED - ALSO_TOUCHED_BEFORE));
        assertThat(with.timely() + with.late()).as("coverage").isGreaterThan(ALSO_TOUCHED_BEFORE * 9 / 10);
        assertThat(with.unused()).as("what was not touched again").isEqualTo(TOUCHED - ALSO_TOUCHED_BEFORE);
        assertThat(with.endedUs()).isLessThan(without.endedUs() * 3 / 4);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.1, 0.3, 0.5, 0.7})
    void othersWaitNoLongerThanHalfAgainWhileASetIsReplayed(double load) {
        Life first = new SecondStart(0).live(before, List.of());
        Life without = new SecondStart(load).live(again, List.of());
        Life with = new SecondStart(load).live(again, first.workingSet());

        System.out.printf(
                "load %.1f: p99 %d us without, %d us with a replay of %d pages; store waits %d and %d%n",
                load,
                without.p99UsBeside(),
                with.p99UsBeside(),
                first.workingSet().size(),
                without.storeWaits(),
                with.storeWaits());
        assertThat(with.timely()).isPositive();
        assertThat((double) with.p99UsBeside()).isLessThanOrEqualTo(P99_FACTOR_MAX * without.p99UsBeside());
    }

    private List<Integer> again() {
        List<Integer> kept = before.stream().limit(ALSO_TOUCHED_BEFORE).toList();
        List<Integer> others = pages(2, new HashSet<>(before)).subList(0, TOUCHED - ALSO_TOUCHED_BEFORE);
        Random random = new Random(3);
        // Each at about its place of before: drawn with a place of up to 100 further on.
        return IntStream.range(0, TOUCHED)
                .mapToObj(i -> new Placed(
                        i < kept.size() ? kept.get(i) : others.get(i - kept.size()),
                        i < kept.size() ? i + random.nextInt(100) : random.nextInt(kept.size())))
                .sorted((a, b) -> Integer.compare(a.place, b.place))
                .map(Placed::page)
                .toList();
    }

    private static List<Integer> pages(long seed, Set<Integer> but) {
        return new Random(seed)
                .ints(0, SecondStart.IMAGE_PAGES)
                .distinct()
                .boxed()
                .filter(page -> !but.contains(page))
                .limit(TOUCHED)
                .toList();
    }

    /** A page and where it comes. */
    private record Placed(int page, int place) {}
}
