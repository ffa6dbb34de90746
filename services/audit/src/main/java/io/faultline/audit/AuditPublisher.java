// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * The publishing thread: looks at the ring every few milliseconds and sends what is there. Few wake-ups are the point:
 * on a busy machine it is they, not the bytes, that the event loop pays for.
 */
final class AuditPublisher implements Runnable {
    private static final long RETRY_MS = 1_000;

    private final BlockFolder folder;
    private final Outlet outlet;
    private final BooleanSupplier clockWasPutBack;
    private final BooleanSupplier connect;
    private final long wakeNs;
    private final Duration closeTimeout;
    private volatile boolean closing;

    /**
     * One that has not started.
     *
     * @param clockWasPutBack whether the machine's wall clock was put back since it was asked last
     * @param connect tries to reach the broker and says whether it did; asked until it is true, and steps wait in the ring
     *     meanwhile
     */
    AuditPublisher(
            BlockFolder folder,
            Outlet outlet,
            BooleanSupplier clockWasPutBack,
            BooleanSupplier connect,
            AuditProperties properties) {
        this.folder = folder;
        this.outlet = outlet;
        this.clockWasPutBack = clockWasPutBack;
        this.connect = connect;
        this.wakeNs = TimeUnit.MILLISECONDS.toNanos(properties.wakeMs());
        this.closeTimeout = Duration.ofMillis(properties.closeTimeoutMs());
    }

    @Override
    public void run() {
        try {
            if (awaitBroker()) {
                while (!closing) {
                    folder.drain();
                    if (clockWasPutBack.getAsBoolean()) {
                        outlet.clockWasPutBack();
                    }
                    outlet.look();
                    LockSupport.parkNanos(wakeNs);
                }
                // The loop that appends has ended by now: what is in the ring is all there will be.
                folder.drain();
            }
        } finally {
            outlet.close(closeTimeout);
        }
    }

    private boolean awaitBroker() {
        boolean connected = connect.getAsBoolean();
        while (!connected && !closing) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(RETRY_MS));
            connected = !closing && connect.getAsBoolean();
        }
        return connected;
    }

    /** Asks the thread to send what is left and to end. */
    void requestClose() {
        closing = true;
    }
}
