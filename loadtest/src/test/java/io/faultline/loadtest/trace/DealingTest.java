// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DealingTest {
    @Test
    void aPageOfASingleThreadedRecordingBelongsToOneTask() {
        Recording redis = Traces.load(Traces.REDIS);

        Dealing dealing = Dealing.of(redis, 8);

        Map<Integer, Integer> taskOfPage = new HashMap<>();
        for (int task = 0; task < 8; task++) {
            for (int fault : dealing.faults(task)) {
                assertThat(taskOfPage.merge(redis.pageIndex(fault), task, (first, second) -> first))
                        .isEqualTo(task);
            }
        }
        assertEachFaultIsDealtOnceInOrder(dealing, redis);
    }

    @Test
    void tasksGetSharesOfASingleThreadedRecordingThatDifferLittle() {
        Dealing dealing = Dealing.of(Traces.load(Traces.REDIS), 8);

        for (int task = 0; task < 8; task++) {
            assertThat(dealing.faults(task).length).isBetween(201_964 / 8 * 8 / 10, 201_964 / 8 * 12 / 10);
        }
    }

    @Test
    void aThreadsFaultsStayInOneTaskWhenThereAreSeveralThreads() {
        Recording memcached = Traces.load(Traces.MEMCACHED);

        Dealing dealing = Dealing.of(memcached, 3);

        Map<Integer, Set<Integer>> tasksOfThread = new HashMap<>();
        for (int task = 0; task < 3; task++) {
            for (int fault : dealing.faults(task)) {
                tasksOfThread
                        .computeIfAbsent(memcached.threadIndex(fault), thread -> new HashSet<>())
                        .add(task);
            }
        }
        assertThat(tasksOfThread)
                .hasSize(7)
                .allSatisfy((thread, tasks) -> assertThat(tasks).containsExactly(thread % 3));
        assertEachFaultIsDealtOnceInOrder(dealing, memcached);
    }

    @Test
    void tasksBeyondTheThreadsHaveNothingToDo() {
        Dealing dealing = Dealing.of(Traces.load(Traces.MEMCACHED), 16);

        assertThat(dealing.taskCount()).isEqualTo(16);
        assertThat(dealing.busyTaskCount()).isEqualTo(7);
    }

    @Test
    void noTasksAreRefused() {
        Recording redis = Traces.load(Traces.REDIS);

        assertThatThrownBy(() -> Dealing.of(redis, 0)).hasMessage("tasks: 0 (expected: at least 1)");
    }

    private static void assertEachFaultIsDealtOnceInOrder(Dealing dealing, Recording recording) {
        boolean[] dealt = new boolean[recording.faultCount()];
        for (int task = 0; task < dealing.taskCount(); task++) {
            int last = -1;
            for (int fault : dealing.faults(task)) {
                assertThat(fault).isGreaterThan(last);
                assertThat(dealt[fault]).isFalse();
                dealt[fault] = true;
                last = fault;
            }
        }
        assertThat(dealt).doesNotContain(false);
    }
}
