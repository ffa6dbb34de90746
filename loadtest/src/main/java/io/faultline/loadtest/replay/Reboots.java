// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.replay;

import io.faultline.loadtest.guest.GuestKernel;
import io.faultline.rpc.ServiceLoop;
import java.time.Duration;

/**
 * Brings a guest's asynchronous faults up again after its connection to the notifications, or to the fault plane while it
 * booted, was lost; for so long at most. Meanwhile the guest runs without. Loop thread only.
 */
final class Reboots {
    private static final long RETRY_NS = 100_000_000L;

    private final ServiceLoop loop;
    private final GuestKernel kernel;
    private final long maxNs;
    private final Runnable boot;
    private boolean isLost;
    private boolean isDue;
    private long lostNs;

    /**
     * Nothing to do yet.
     *
     * @param boot boots the kernel and carries on
     */
    Reboots(ServiceLoop loop, GuestKernel kernel, Duration max, Runnable boot) {
        this.loop = loop;
        this.kernel = kernel;
        maxNs = max.toNanos();
        this.boot = boot;
    }

    /** The guest's connection to its notifications is lost; whether that is news, and no further failure to come back. */
    boolean lost() {
        boolean isNews = !isLost;
        if (isNews) {
            isLost = true;
            lostNs = loop.nowNs();
        }
        schedule();
        return isNews;
    }

    /** Whether a wake-all is still to be hoped for. */
    boolean isTrying() {
        return isLost && loop.nowNs() - lostNs < maxNs;
    }

    /** To be called when anything has happened to the guest: boots again what could not be booted. */
    void look() {
        if (!isLost) {
            return;
        }
        if (kernel.isAsynchronous()) {
            isLost = false;
        } else if (kernel.bootFailure() != null) {
            schedule();
        }
    }

    private void schedule() {
        if (!isDue && loop.nowNs() - lostNs < maxNs) {
            isDue = true;
            loop.executeAfter(
                    () -> {
                        isDue = false;
                        boot.run();
                    },
                    RETRY_NS);
        }
    }
}
