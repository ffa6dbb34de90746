// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.trace;

import java.util.Arrays;

/**
 * Which task carries out which faults of a recording, each task's in the recorded order. Immutable.
 *
 * <p>The rule. A recording of several threads: a thread's faults all go to one task, threads to tasks in turn in the order
 * of their first faults; with more tasks than threads the last tasks have nothing to do. A recording of one thread: a
 * fault goes to the task that its page's frame number hashes to, so accesses to one page keep their order and no two
 * tasks touch the same page.
 */
public final class Dealing {
    private final int[][] faultsOfTask;

    private Dealing(int[][] faultsOfTask) {
        this.faultsOfTask = faultsOfTask;
    }

    /** Deals a recording to so many tasks, at least 1. */
    public static Dealing of(Recording recording, int tasks) {
        if (tasks < 1) {
            throw new IllegalArgumentException("tasks: " + tasks + " (expected: at least 1)");
        }
        int[] taskOfFault = new int[recording.faultCount()];
        int[] faultCounts = new int[tasks];
        boolean singleThreaded = recording.threads().size() == 1;
        for (int fault = 0; fault < taskOfFault.length; fault++) {
            int task = singleThreaded
                    ? taskOfPage(recording.addressMap().gfn(recording.pageIndex(fault)), tasks)
                    : recording.threadIndex(fault) % tasks;
            taskOfFault[fault] = task;
            faultCounts[task]++;
        }
        int[][] faultsOfTask = Arrays.stream(faultCounts).mapToObj(int[]::new).toArray(int[][]::new);
        int[] filled = new int[tasks];
        for (int fault = 0; fault < taskOfFault.length; fault++) {
            int task = taskOfFault[fault];
            faultsOfTask[task][filled[task]++] = fault;
        }
        return new Dealing(faultsOfTask);
    }

    /** How many tasks there are. */
    public int taskCount() {
        return faultsOfTask.length;
    }

    /** How many of them have something to do. */
    public int busyTaskCount() {
        return (int)
                Arrays.stream(faultsOfTask).filter(faults -> faults.length > 0).count();
    }

    /** The faults of a task, ascending. */
    public int[] faults(int task) {
        return faultsOfTask[task].clone();
    }

    /** The faults of every task. */
    public int[][] faultsOfTasks() {
        return Arrays.stream(faultsOfTask).map(int[]::clone).toArray(int[][]::new);
    }

    private static int taskOfPage(long gfn, int tasks) {
        long hash = gfn * 0x9E37_79B9_7F4A_7C15L;
        return (int) Long.remainderUnsigned(hash ^ (hash >>> 32), tasks);
    }
}
