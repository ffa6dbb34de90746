// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import io.faultline.loadtest.grpc.FaultOutcome;
import io.faultline.loadtest.replay.ReplayObserver;
import io.faultline.loadtest.replay.Standstills;
import java.util.ArrayList;
import java.util.List;

/** How a guest gets on while services are restarted. Told by its replay's loop, asked by the test. Times in nanoseconds. */
final class RestartWatch implements ReplayObserver {
    private final Standstills standstills = new Standstills();
    private final List<String> failures = new ArrayList<>();
    private long tokens;
    private long ended;
    private long firstNs;
    private long lastNs;
    private long longestPauseNs;

    @Override
    public synchronized void raised(Fault fault, long nowNs) {
        standstills.began(fault.sequence(), nowNs);
    }

    @Override
    public synchronized void wentAsync(int task, long sequence, long nowNs) {
        tokens++;
        standstills.ended(sequence, nowNs);
    }

    @Override
    public synchronized void ended(int task, FaultOutcome outcome, long latencyNs, long nowNs) {
        standstills.ended(outcome.sequence(), nowNs);
        if (outcome.kind() == FaultOutcome.Kind.FAILED) {
            failures.add(outcome.detail());
            return;
        }
        if (ended == 0) {
            firstNs = nowNs;
        } else {
            longestPauseNs = Math.max(longestPauseNs, nowNs - lastNs);
        }
        lastNs = nowNs;
        ended++;
    }

    /** Faults that went asynchronous. */
    synchronized long tokens() {
        return tokens;
    }

    /** Faults that ended, and did not fail. */
    synchronized long ended() {
        return ended;
    }

    /** When the first of them did. */
    synchronized long firstNs() {
        return firstNs;
    }

    /** What was said of each fault that failed. */
    synchronized List<String> failures() {
        return List.copyOf(failures);
    }

    /** The longest time in which none of the guest's faults ended. */
    synchronized long longestPauseNs() {
        return longestPauseNs;
    }

    /** The longest time for which a fault had its vCPU stand still. */
    synchronized long longestFaultNs() {
        return standstills.longestNs();
    }

    /** Begins with both anew. */
    synchronized void forgetTimes() {
        longestPauseNs = 0;
        standstills.forgetLongest();
    }
}
