// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import io.faultline.model.AuditStep;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** Counts steps and keeps none: the log of a service that runs without an audit trail. Written by the event loop. */
public final class CountingAuditLog implements AuditLog {
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

    /** How many steps were appended; any thread may ask. */
    public long steps() {
        return (long) STEPS.getAcquire(this);
    }
}
