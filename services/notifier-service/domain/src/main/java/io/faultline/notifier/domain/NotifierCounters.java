// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import io.faultline.model.Refusal;
import io.faultline.model.StepKind;
import java.util.concurrent.atomic.AtomicLongArray;

/** What the plane did so far, by kind. Written by the machine's thread only, read by any. */
public final class NotifierCounters {
    private final AtomicLongArray steps = new AtomicLongArray(StepKind.values().length);
    private final AtomicLongArray verdicts = new AtomicLongArray(VerdictKind.values().length);
    private final AtomicLongArray refusals = new AtomicLongArray(Refusal.values().length);
    private final AtomicLongArray events = new AtomicLongArray(HostEventKind.values().length);
    private final AtomicLongArray strayCalls = new AtomicLongArray(1);

    NotifierCounters() {}

    /** Audit steps of a kind. */
    public long steps(StepKind kind) {
        return steps.getAcquire(kind.code());
    }

    /** Verdicts of a kind. */
    public long verdicts(VerdictKind kind) {
        return verdicts.getAcquire(kind.code());
    }

    /** Commands refused for a reason. */
    public long refusals(Refusal refusal) {
        return refusals.getAcquire(refusal.code());
    }

    /** Host events of a kind. */
    public long events(HostEventKind kind) {
        return events.getAcquire(kind.code());
    }

    /** Guest calls on a vCPU that is not attached to the caller's session, which had no effect. */
    public long strayCalls() {
        return strayCalls.getAcquire(0);
    }

    /** vCPUs that exist now. */
    public long vcpus() {
        return steps(StepKind.OPENED) - steps(StepKind.CLOSED);
    }

    /** vCPUs that a guest is attached to now. */
    public long guests() {
        return steps(StepKind.GUEST_ATTACHED) - steps(StepKind.GUEST_DETACHED);
    }

    void count(StepKind kind) {
        increment(steps, kind.code());
    }

    void count(VerdictKind kind) {
        increment(verdicts, kind.code());
    }

    void count(Refusal refusal) {
        increment(refusals, refusal.code());
    }

    void count(HostEventKind kind) {
        increment(events, kind.code());
    }

    void countStrayCall() {
        increment(strayCalls, 0);
    }

    /* One writer: no read-modify-write is needed, only that readers see whole and growing values. */
    private static void increment(AtomicLongArray counters, int index) {
        counters.setRelease(index, counters.getPlain(index) + 1);
    }
}
