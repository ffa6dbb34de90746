// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.conformance.driver;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What one case said and heard, and the one place where it waits. Streams put in what they hear under this object's lock and
 * wake the case's thread, which looks whether what it waits for is there. Bounded by the case's deadline and in lines.
 */
public final class Conversation {
    private static final int LINES_MAX = 2_000;

    private final long timeoutMs;
    private final long cleanupMs;
    private final List<String> lines = new ArrayList<>();
    private int linesMax = LINES_MAX;
    private long deadlineNs;
    private @Nullable Violation breach;

    /**
     * A conversation that begins now.
     *
     * @param timeoutMs how long the case may take
     * @param cleanupMs how long the end of what it made may take after that
     */
    public Conversation(long timeoutMs, long cleanupMs) {
        this.timeoutMs = timeoutMs;
        this.cleanupMs = cleanupMs;
        deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
    }

    /**
     * The case is over; what it made has some more time to end, however long the case took.
     *
     * @param isRecorded whether what is said from now on is of interest: not when the case has failed already
     */
    public synchronized void beginsCleanup(boolean isRecorded) {
        linesMax = isRecorded ? LINES_MAX : lines.size();
        deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(cleanupMs);
    }

    /** Notes what the case did. */
    synchronized void said(String line) {
        if (lines.size() < linesMax) {
            lines.add(line);
        }
    }

    /** Takes in what a stream brought, and wakes the case. */
    synchronized void heard(String line, Runnable keep) {
        said(line);
        keep.run();
        notifyAll();
    }

    /** Notes something that may never happen, whatever the case is about: it fails, at its next look. */
    synchronized void broken(String expected, String came) {
        if (breach == null) {
            breach = new Violation(expected, came);
        }
        notifyAll();
    }

    /** Whatever may never happen has not. */
    public synchronized void requireUnbroken() {
        if (breach != null) {
            throw new Violation(breach.expected(), breach.came());
        }
    }

    /**
     * Waits until a look finds something.
     *
     * @param what what is waited for, for the report
     * @param look is called with the lock held; null while there is nothing
     * @throws Violation when it has not come by the case's deadline
     */
    synchronized <T> T await(String what, Supplier<@Nullable T> look) {
        while (true) {
            requireUnbroken();
            T found = look.get();
            if (found != null) {
                return found;
            }
            long leftMs = TimeUnit.NANOSECONDS.toMillis(deadlineNs - System.nanoTime());
            if (leftMs <= 0) {
                throw new Violation(what, "nothing within " + timeoutMs + " ms");
            }
            try {
                wait(leftMs);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while a case waited", e);
            }
        }
    }

    /** What is so at this moment. */
    synchronized <T> T now(Supplier<T> look) {
        return look.get();
    }

    /** How long a call may take at most, in milliseconds. */
    synchronized long leftMs() {
        return Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadlineNs - System.nanoTime()));
    }

    /** Everything said and heard so far, in order. */
    public synchronized List<String> lines() {
        return List.copyOf(lines);
    }
}
