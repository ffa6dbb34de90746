// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.replay;

import io.faultline.loadtest.grpc.FaultOutcome;

/**
 * Hears of every fault of a replay while it runs. Called on the replay's loop, several times a fault: implementations only
 * count. Times are the loop's, in nanoseconds, and do not go back.
 */
public interface ReplayObserver {
    /** Hears nothing. */
    ReplayObserver NONE = new ReplayObserver() {};

    /**
     * What faults. Immutable.
     *
     * @param vcpuId the vCPU that the task runs on
     * @param task the task whose access it is, from 0
     * @param page the page, from 0, in the order of the guest's memory
     * @param sequence names the fault until it ends
     */
    record Fault(int vcpuId, int task, int page, long sequence) {}

    /**
     * The guest begins to run.
     *
     * @param tasks how many tasks it has
     * @param pages how many pages the recording touches
     */
    default void began(int tasks, int pages, long nowNs) {}

    /** A task touched a page; its vCPU stands still from now on. */
    default void raised(Fault fault, long nowNs) {}

    /** A task's fault went asynchronous: its vCPU runs on, with other tasks. */
    default void wentAsync(int task, long sequence, long nowNs) {}

    /**
     * A task's fault ended.
     *
     * @param latencyNs the time since the access was first raised
     */
    default void ended(int task, FaultOutcome outcome, long latencyNs, long nowNs) {}

    /** The fault stream broke: of the faults in flight, so many, no outcome comes. Their tasks touch their pages again. */
    default void told(long faults, long nowNs) {}

    /** The last task has finished. */
    default void finished(long nowNs) {}
}
