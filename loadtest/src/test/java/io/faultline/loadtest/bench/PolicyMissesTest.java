// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.pager.domain.eviction.PolicyKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** Counts against implementations too simple to be wrong. */
class PolicyMissesTest {
    @RepeatedTest(20)
    void fifoAndLruMissAsOftenAsAPlainList(RepetitionInfo repetition) {
        References references = random(repetition.getCurrentRepetition());
        for (int capacity = 1; capacity <= references.distinct() + 1; capacity++) {
            assertThat(PolicyMisses.missesOf(PolicyKind.FIFO, references, capacity))
                    .as("FIFO, %d", capacity)
                    .isEqualTo(missesOfList(references, capacity, false));
            assertThat(PolicyMisses.missesOf(PolicyKind.LRU, references, capacity))
                    .as("LRU, %d", capacity)
                    .isEqualTo(missesOfList(references, capacity, true));
        }
    }

    @RepeatedTest(20)
    void minMissesAsOftenAsALookAhead(RepetitionInfo repetition) {
        References references = random(repetition.getCurrentRepetition());
        for (int capacity = 1; capacity <= references.distinct() + 1; capacity++) {
            assertThat(Belady.demand(references, capacity))
                    .as("demand, %d", capacity)
                    .isEqualTo(missesOfLookAhead(references, capacity, false));
            assertThat(Belady.bypass(references, capacity))
                    .as("bypass, %d", capacity)
                    .isEqualTo(missesOfLookAhead(references, capacity, true));
        }
    }

    @RepeatedTest(20)
    void noPolicyMissesLessThanTheLeast(RepetitionInfo repetition) {
        References references = random(repetition.getCurrentRepetition());
        for (int capacity = 1; capacity <= references.distinct() + 1; capacity++) {
            int least = Belady.demand(references, capacity);
            assertThat(Belady.bypass(references, capacity)).isLessThanOrEqualTo(least);
            for (PolicyKind kind : PolicyKind.values()) {
                assertThat(PolicyMisses.missesOf(kind, references, capacity))
                        .as("%s, %d", kind, capacity)
                        .isBetween(least, references.count());
            }
        }
    }

    @Test
    void aStreamThatFitsMissesEachPageOnce() {
        PolicyMisses counted = PolicyMisses.count(References.of(7, 7, 3, 7, 9, 3, 9), 3);

        assertThat(counted.distinct()).isEqualTo(3);
        assertThat(counted.misses().values()).containsOnly(3);
    }

    private static References random(long seed) {
        Random random = new Random(seed);
        int[] pages = new int[200];
        for (int i = 0; i < pages.length; i++) {
            pages[i] = (int) Math.abs(random.nextGaussian() * 8);
        }
        return References.of(pages);
    }

    private static int missesOfList(References references, int capacity, boolean usesMove) {
        List<Integer> held = new ArrayList<>();
        int misses = 0;
        for (int i = 0; i < references.count(); i++) {
            Integer page = references.page(i);
            boolean isHeld = held.contains(page);
            misses += isHeld ? 0 : 1;
            if (isHeld && usesMove) {
                held.removeIf(page::equals);
            }
            if (!isHeld && held.size() == capacity) {
                held.removeFirst();
            }
            if (!isHeld || usesMove) {
                held.add(page);
            }
        }
        return misses;
    }

    private static int missesOfLookAhead(References references, int capacity, boolean mayRefuse) {
        List<Integer> held = new ArrayList<>();
        int misses = 0;
        for (int i = 0; i < references.count(); i++) {
            Integer page = references.page(i);
            if (!held.contains(page)) {
                misses++;
                held.add(page);
                if (held.size() > capacity) {
                    held.removeIf(farthest(references, i, mayRefuse ? held : held.subList(0, capacity))::equals);
                }
            }
        }
        return misses;
    }

    private static Integer farthest(References references, int now, List<Integer> candidates) {
        Integer farthest = candidates.getFirst();
        int distance = -1;
        for (Integer page : candidates) {
            int next = now + 1;
            while (next < references.count() && references.page(next) != page) {
                next++;
            }
            if (next > distance) {
                distance = next;
                farthest = page;
            }
        }
        return farthest;
    }
}
