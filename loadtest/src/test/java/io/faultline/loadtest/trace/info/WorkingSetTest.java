// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace.info;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkingSetTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 10, 3_000, 100_000})
    void pagesOfAnIntervalAreDistinctHoweverOftenIntervalsWereJoined(int stepMax) {
        SplittableRandom random = new SplittableRandom(stepMax);
        WorkingSet workingSet = new WorkingSet();
        Map<Integer, Long> lastTimes = new HashMap<>();
        Map<Long, Set<Integer>> pagesByTime = new TreeMap<>();
        Map<Long, Long> faultsByTime = new TreeMap<>();
        long time = 0;
        for (int i = 0; i < 5_000; i++) {
            time += random.nextInt(stepMax);
            int page = random.nextInt(1 + random.nextInt(400));
            workingSet.addFault(time);
            workingSet.addPage(lastTimes.getOrDefault(page, WorkingSet.NEVER), 1);
            lastTimes.put(page, time);
            pagesByTime.computeIfAbsent(time, any -> new HashSet<>()).add(page);
            faultsByTime.merge(time, 1L, Long::sum);
        }

        holds(workingSet, pagesByTime, faultsByTime);
        workingSet.coarsen(10);
        assertThat(workingSet.intervals()).hasSizeBetween(1, 10);
        holds(workingSet, pagesByTime, faultsByTime);
    }

    private static void holds(
            WorkingSet workingSet, Map<Long, Set<Integer>> pagesByTime, Map<Long, Long> faultsByTime) {
        List<WorkingSet.Interval> intervals = workingSet.intervals();
        for (int i = 0; i < intervals.size(); i++) {
            long from = i * workingSet.width();
            Set<Integer> pages = new HashSet<>();
            long faults = 0;
            for (Map.Entry<Long, Set<Integer>> entry : pagesByTime.entrySet()) {
                if (entry.getKey() >= from && entry.getKey() < from + workingSet.width()) {
                    pages.addAll(entry.getValue());
                    faults += faultsByTime.getOrDefault(entry.getKey(), 0L);
                }
            }
            assertThat(intervals.get(i)).isEqualTo(new WorkingSet.Interval(faults, pages.size()));
        }
    }

    @Test
    void aLongGapMakesIntervalsLongerAndNotMore() {
        WorkingSet workingSet = new WorkingSet();

        workingSet.addFault(0);
        workingSet.addPage(WorkingSet.NEVER, 1);
        workingSet.addFault(Long.MAX_VALUE);
        workingSet.addPage(0, 1);

        assertThat(workingSet.intervals()).hasSize(WorkingSet.INTERVALS_MAX);
        assertThat(workingSet.intervals().getLast()).isEqualTo(new WorkingSet.Interval(1, 1));
    }
}
