// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.loss;

import io.faultline.loadtest.grpc.FaultOutcome;
import io.faultline.loadtest.replay.ReplayObserver;
import io.faultline.loadtest.replay.Standstills;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Which accesses of a guest are not done yet. An access whose fault's stream broke goes on until a later fault has ended for
 * it, or its guest. Told by the replay's loop, asked by any thread.
 */
final class LossWatch implements ReplayObserver {
    private final Map<Integer, Integer> faultsOfAccess = new HashMap<>();
    private final Set<Integer> awaited = new HashSet<>();
    private final Standstills standstills = new Standstills();
    private long faults;
    private long tokens;
    private long told;
    private long lastAwaitedNs;

    @Override
    public synchronized void raised(Fault fault, long nowNs) {
        faultsOfAccess.merge((int) fault.sequence(), 1, Integer::sum);
        standstills.began(fault.sequence(), nowNs);
    }

    @Override
    public synchronized void wentAsync(int task, long sequence, long nowNs) {
        tokens++;
        standstills.ended(sequence, nowNs);
    }

    @Override
    public synchronized void ended(int task, FaultOutcome outcome, long latencyNs, long nowNs) {
        faults++;
        standstills.ended(outcome.sequence(), nowNs);
        int access = (int) outcome.sequence();
        if (faultsOfAccess.merge(access, -1, Integer::sum) <= 0) {
            faultsOfAccess.remove(access);
            if (awaited.remove(access)) {
                lastAwaitedNs = System.nanoTime();
            }
        }
    }

    @Override
    public synchronized void told(long count, long nowNs) {
        told += count;
        standstills.lost(nowNs);
        faultsOfAccess.replaceAll((access, inFlight) -> 0);
    }

    /** The guest is gone with all that it had begun; its client knows. */
    synchronized void guestGone() {
        told += faultsOfAccess.values().stream().mapToInt(Integer::intValue).sum();
        faultsOfAccess.clear();
        standstills.lost(System.nanoTime());
        if (!awaited.isEmpty()) {
            awaited.clear();
            lastAwaitedNs = System.nanoTime();
        }
    }

    /** From now on what is in flight is awaited; how much that is. */
    synchronized int await() {
        awaited.clear();
        awaited.addAll(faultsOfAccess.keySet());
        lastAwaitedNs = System.nanoTime();
        return awaited.size();
    }

    /** How much of it is not done yet. */
    synchronized int awaited() {
        return awaited.size();
    }

    /** When the last of it was done; when it was {@link #await}ed, if there was nothing. */
    synchronized long lastAwaitedNs() {
        return lastAwaitedNs;
    }

    /** Faults with an outcome so far. */
    synchronized long faults() {
        return faults;
    }

    /** Faults that went asynchronous so far. */
    synchronized long tokens() {
        return tokens;
    }

    /** Faults that ended with their stream or their VM. */
    synchronized long told() {
        return told;
    }

    /** The longest that a vCPU stood still, in nanoseconds. */
    synchronized long longestStandstillNs() {
        return standstills.longestNs();
    }
}
