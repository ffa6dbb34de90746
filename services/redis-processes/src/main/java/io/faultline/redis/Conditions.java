// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.redis;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what a process cannot be asked to announce. */
final class Conditions {
    private static final long INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(20);

    private Conditions() {}

    /**
     * Looks again and again until something holds.
     *
     * @throws IllegalStateException naming it, when it does not hold in time
     */
    static void await(String what, Duration timeout, BooleanSupplier holds) {
        long deadlineNs = System.nanoTime() + timeout.toNanos();
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new IllegalStateException(what + ": not within " + timeout.toSeconds() + " s");
            }
            LockSupport.parkNanos(INTERVAL_NS);
        }
    }
}
