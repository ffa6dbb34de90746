// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.telemetry.trace;

/**
 * One piece of traced work: the times that a loop notes, and how spans are made of them. The loop's until it has ended, then the
 * publisher's.
 */
public abstract class TracedWork {
    /** The time of what has not happened. */
    protected static final long NEVER = Long.MIN_VALUE;

    private final long beganNs;

    /**
     * Work that begins.
     *
     * @param beganNs when, in nanoseconds of the loop's clock
     */
    protected TracedWork(long beganNs) {
        this.beganNs = beganNs;
    }

    /** When it began, in nanoseconds of the loop's clock. */
    public final long beganNs() {
        return beganNs;
    }

    /** Says its spans; the publisher's thread only. */
    protected abstract void writeTo(SpanWriter spans);
}
