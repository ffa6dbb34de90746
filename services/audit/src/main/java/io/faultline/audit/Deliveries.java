// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import io.faultline.telemetry.HistogramFamily;
import io.faultline.telemetry.LoopHistogram;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Counts what became of blocks. Acknowledgements are noted by one thread; any may ask. */
final class Deliveries implements MeterBinder {
    private final AtomicLong records = new AtomicLong();
    private final AtomicLong acknowledgedSteps = new AtomicLong();
    private final AtomicLong droppedSteps = new AtomicLong();
    private final HistogramFamily acknowledgements = HistogramFamily.ofDurations(
            "faultline.audit.acknowledge", "record given to the producer, to the broker's acknowledgement");
    private final LoopHistogram acknowledgement = acknowledgements.with();
    private volatile long lastLagUs;

    /**
     * The broker has a record.
     *
     * @param steps how many steps of this life it holds
     * @param firstUs when the first of them was appended
     * @param sentUs when the record was given to the producer
     * @param nowUs when it was acknowledged
     */
    void acknowledged(int steps, long firstUs, long sentUs, long nowUs) {
        records.incrementAndGet();
        acknowledgedSteps.addAndGet(steps);
        acknowledgement.record(TimeUnit.MICROSECONDS.toNanos(nowUs - sentUs));
        lastLagUs = Math.max(0, nowUs - firstUs);
    }

    /** A block of so many steps is lost; how many are by now. */
    long dropped(int steps) {
        return droppedSteps.addAndGet(steps);
    }

    long records() {
        return records.get();
    }

    long acknowledgedSteps() {
        return acknowledgedSteps.get();
    }

    long droppedSteps() {
        return droppedSteps.get();
    }

    /** The age that the last acknowledged block had. */
    long lastLagUs() {
        return lastLagUs;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        acknowledgements.bindTo(registry);
    }
}
