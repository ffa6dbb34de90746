// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.replay;

import io.faultline.loadtest.trace.Recording;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * A guest's accesses by their {@link Schedule}: which are due, and how late each was. In a closed loop all are due at once
 * and nothing is late. Times are nanoseconds of the caller's clock. One thread.
 */
final class Timetable {
    private static final double NS_PER_S = 1e9;

    private final Schedule schedule;
    private final Recording recording;
    private final BitSet raised = new BitSet();
    private final LatencyCount late = new LatencyCount();
    private final LatencyCount sinceDue = new LatencyCount();
    private long beganNs;
    private boolean hasBegun;
    private int due;
    private int lastDue;
    private int dueWhenTimeWasUp;

    Timetable(Schedule schedule, Recording recording) {
        this.schedule = schedule;
        this.recording = recording;
        due = schedule.isOpen() ? 0 : Integer.MAX_VALUE;
    }

    /** Times count from now on. */
    void begin(long nowNs) {
        beganNs = nowNs;
        hasBegun = true;
    }

    /** Whether {@link #begin} is still to come, and matters. */
    boolean isToBegin() {
        return schedule.isOpen() && !hasBegun;
    }

    /** Accesses before this one are due by now; every one when the last is. */
    int dueBefore(long nowNs) {
        while (hasBegun && due < recording.faultCount() && dueNs(due) <= nowNs) {
            due++;
        }
        return due < recording.faultCount() ? due : Integer.MAX_VALUE;
    }

    /** When the next access is due that is not yet; only while there is one. */
    long nextNs() {
        return dueNs(due);
    }

    /** An access was raised for the first time. */
    void raised(int access, long nowNs) {
        if (schedule.isOpen()) {
            raised.set(access);
            lastDue = Math.max(lastDue, access);
            late.add(nowNs - dueNs(access));
        }
    }

    /** The page of an access is there. */
    void mapped(int access, long nowNs) {
        if (schedule.isOpen()) {
            sinceDue.add(nowNs - dueNs(access));
        }
    }

    /** The guest is to end now, whatever is due: what becomes due from now on is no part of the schedule. */
    void timeIsUp(long nowNs) {
        if (schedule.isOpen()) {
            dueBefore(nowNs);
            dueWhenTimeWasUp = due;
            lastDue = Math.max(lastDue, due - 1);
        }
    }

    /**
     * The guest has ended. What was due when its time was up, and never raised, was late at least until now and counts so:
     * left out, a standstill at the end of a run would hide what it did. Returns how many accesses that were.
     */
    int ended(long nowNs) {
        int neverRaised = 0;
        for (int access = raised.nextClearBit(0); access < dueWhenTimeWasUp; access = raised.nextClearBit(access + 1)) {
            neverRaised++;
            late.add(nowNs - dueNs(access));
            sinceDue.add(nowNs - dueNs(access));
        }
        return neverRaised;
    }

    /** How the guest kept it; null in a closed loop. */
    ReplayResult.@Nullable OpenLoop result() {
        if (!schedule.isOpen()) {
            return null;
        }
        double dueS = schedule.dueNs(recording, lastDue) / NS_PER_S;
        return new ReplayResult.OpenLoop(dueS == 0 ? 0 : lastDue / dueS, late.latency(), sinceDue.latency());
    }

    private long dueNs(int access) {
        return beganNs + schedule.dueNs(recording, access);
    }
}
