// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.host;

import org.jspecify.annotations.Nullable;

/** When a fault reached each of its stations, in nanoseconds of the loop's clock. Loop thread only. */
public class FaultTimes {
    /** The time of what has not happened. */
    public static final long NEVER = Long.MIN_VALUE;

    final long raisedNs;
    /** Null for a fault that is not traced. */
    final @Nullable FaultTrace trace;

    long decidedNs;
    long acceptedNs = NEVER;
    long arrivedNs = NEVER;
    long mappedNs = NEVER;

    /** Those of a fault that was just raised. */
    protected FaultTimes(long raisedNs, @Nullable FaultTrace trace) {
        this.raisedNs = raisedNs;
        this.trace = trace;
        decidedNs = raisedNs;
    }

    /** Its trace, or null for a fault that is not traced. */
    public final @Nullable FaultTrace trace() {
        return trace;
    }

    /** Its vCPU stands still for no other: it is decided. */
    public final void decided(long nowNs) {
        decidedNs = nowNs;
    }

    /** Its token is accepted: the vCPU runs on. */
    public final void accepted(long nowNs) {
        acceptedNs = nowNs;
    }

    /** Whether its token was accepted. */
    public final boolean isAccepted() {
        return acceptedNs != NEVER;
    }

    /** Its page is in a frame. */
    public final void arrived(long nowNs) {
        arrivedNs = nowNs;
    }

    /** Its page is mapped. */
    public final void mapped(long nowNs) {
        mappedNs = nowNs;
    }
}
