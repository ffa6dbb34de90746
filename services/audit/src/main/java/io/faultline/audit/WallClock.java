// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Wall time in microseconds that never goes back: taken once, then carried on by the monotonic clock. Any thread, but for
 * {@link #wasPutBack}.
 */
final class WallClock implements LongSupplier {
    /** Less is what keeping time does to a clock, and delays nobody for longer. */
    private static final long PUT_BACK_MS = 1_000;

    private final LongSupplier machineMs;
    private final LongSupplier monotonicNs;
    private final long startUs;
    private final long startNs;
    private long aheadMs;

    WallClock(LongSupplier machineMs, LongSupplier monotonicNs) {
        this.machineMs = machineMs;
        this.monotonicNs = monotonicNs;
        startUs = TimeUnit.MILLISECONDS.toMicros(machineMs.getAsLong());
        startNs = monotonicNs.getAsLong();
    }

    /** One that starts at the machine's time. */
    static WallClock startingNow() {
        return new WallClock(System::currentTimeMillis, System::nanoTime);
    }

    @Override
    public long getAsLong() {
        return startUs + TimeUnit.NANOSECONDS.toMicros(monotonicNs.getAsLong() - startNs);
    }

    /** Whether somebody has put the machine's clock back by a second or more since the last look. One thread's. */
    boolean wasPutBack() {
        long before = aheadMs;
        aheadMs = machineMs.getAsLong() - TimeUnit.MICROSECONDS.toMillis(getAsLong());
        return before - aheadMs >= PUT_BACK_MS;
    }
}
