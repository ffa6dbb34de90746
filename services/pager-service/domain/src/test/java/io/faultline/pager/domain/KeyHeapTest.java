// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/** A heap against a plain list; the repetition is the seed. */
class KeyHeapTest {
    private static final int STEPS = 5_000;

    /** Keys lie around here, so that they wrap. */
    private static final long MIDDLE = Long.MAX_VALUE;

    @RepeatedTest(5)
    void theFirstIsAlwaysOneOfTheLeast(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        KeyHeap<Numbered> heap = new KeyHeap<>();
        List<Numbered> in = new ArrayList<>();
        List<Numbered> out = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            out.add(new Numbered());
        }
        for (int step = 0; step < STEPS; step++) {
            int what = random.nextInt(3);
            if (what == 0 && !in.isEmpty()) {
                Numbered gone = in.remove(random.nextInt(in.size()));
                heap.remove(gone);
                out.add(gone);
            } else if (what == 1 && !out.isEmpty()) {
                Numbered come = out.remove(random.nextInt(out.size()));
                heap.put(come, MIDDLE + random.nextInt(100) - 50);
                in.add(come);
            } else if (!in.isEmpty()) {
                heap.put(in.get(random.nextInt(in.size())), MIDDLE + random.nextInt(100) - 50);
            }

            Numbered first = heap.first();
            if (first == null) {
                assertThat(in).isEmpty();
            } else {
                Numbered least = in.stream()
                        .min(Comparator.comparingLong(entry -> entry.key() - MIDDLE))
                        .orElseThrow();
                assertThat(first.key()).isEqualTo(least.key());
                assertThat(in).allMatch(Numbered::isInHeap).contains(first);
            }
            assertThat(out).noneMatch(Numbered::isInHeap);
        }
    }

    private static final class Numbered extends KeyHeap.Entry {}
}
