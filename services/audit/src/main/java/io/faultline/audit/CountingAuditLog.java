// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import io.faultline.audit.spool.SpoolCounts;
import io.faultline.model.AuditStep;
import io.micrometer.core.instrument.MeterRegistry;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** Counts steps and keeps none: the log of a service that runs without an audit trail. Written by the event loop. */
public final class CountingAuditLog implements AuditLog, AuditCounts {
    private static final VarHandle STEPS;

    static {
        try {
            STEPS = MethodHandles.lookup().findVarHandle(CountingAuditLog.class, "steps", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private long steps;

    @Override
    public void append(AuditStep step) {
        STEPS.setRelease(this, steps + 1);
    }

    @Override
    public long steps() {
        return (long) STEPS.getAcquire(this);
    }

    @Override
    public long records() {
        return 0;
    }

    @Override
    public long dropped() {
        return 0;
    }

    @Override
    public int ringDepth() {
        return 0;
    }

    @Override
    public int ringLimit() {
        return 0;
    }

    @Override
    public long lagSteps() {
        return 0;
    }

    @Override
    public boolean isBrokerConnected() {
        return false;
    }

    /* Without Kafka there is nothing to meter. */
    @Override
    public void bindKafka(MeterRegistry registry) {}

    @Override
    public SpoolCounts spool() {
        return SpoolCounts.NONE;
    }

    @Override
    public long spoolAgeUs() {
        return 0;
    }

    @Override
    public long lagUs() {
        return 0;
    }
}
