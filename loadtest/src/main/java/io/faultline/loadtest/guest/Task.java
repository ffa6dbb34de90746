// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.guest;

import io.faultline.model.Token;

/**
 * A guest's task: accesses to carry out in order, one at a time. An access may be in flight with more than one fault,
 * when a wake-all made the task touch its page again. Owned by its vCPU.
 */
final class Task implements Comparable<Task> {
    private final int id;
    private final int[] accesses;
    private int end;
    private int next;
    private int faultsInFlight;
    private int faultsOfAccess;
    private boolean retryDue;
    private boolean lost;
    private boolean queued;
    private int token = Token.NONE;

    Task(int id, int[] accesses) {
        this.id = id;
        this.accesses = accesses;
        end = accesses.length;
    }

    int id() {
        return id;
    }

    boolean isFinished() {
        return next == end;
    }

    /** Has it finish after the access that is in progress, or the next one. */
    void cutShort() {
        end = Math.min(end, next + 1);
    }

    /** The access in progress, or the next one. */
    int access() {
        return accesses[next];
    }

    /** Names the fault to be raised now for this access; not used again, since accesses are distinct. */
    long beginFault() {
        long sequence = (long) faultsOfAccess << Integer.SIZE | access();
        faultsOfAccess++;
        faultsInFlight++;
        retryDue = false;
        lost = false;
        return sequence;
    }

    /** Whether the access was begun by an earlier fault. */
    boolean isBegun() {
        return faultsOfAccess > 0;
    }

    void endFault() {
        faultsInFlight--;
    }

    /** The outcomes of its faults in flight will not come; how many these are. It has to touch its page again. */
    int loseFaults() {
        int count = faultsInFlight;
        lost |= count > 0;
        faultsInFlight = 0;
        return count;
    }

    /** Whether it is not known what became of the access that it has begun. */
    boolean isLost() {
        return lost;
    }

    boolean hasFaultInFlight() {
        return faultsInFlight > 0;
    }

    void endAccess() {
        next++;
        faultsOfAccess = 0;
        retryDue = false;
        lost = false;
    }

    /** The token it sleeps on, {@link Token#NONE} when it does not. */
    int token() {
        return token;
    }

    void sleepOn(int newToken) {
        token = newToken;
    }

    boolean isAsleep() {
        return token != Token.NONE;
    }

    /** Woken; {@code retries} when nobody said that its page is there, so that it has to touch it again. */
    void wake(boolean retries) {
        token = Token.NONE;
        retryDue = retries && hasFaultInFlight();
    }

    boolean isRetryDue() {
        return retryDue;
    }

    boolean isQueued() {
        return queued;
    }

    void setQueued(boolean isQueued) {
        queued = isQueued;
    }

    /** The task whose next access was recorded first goes first. */
    @Override
    public int compareTo(Task other) {
        return Integer.compare(access(), other.access());
    }

    @Override
    public String toString() {
        String where = isFinished() ? "finished" : "access " + next + " of " + end;
        return "task " + id + ": " + where + ", faults in flight " + faultsInFlight
                + (isAsleep() ? ", asleep on " + Token.format(token) : "")
                + (queued ? ", runnable" : "")
                + (retryDue ? ", to retry" : "");
    }
}
