// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts what clients were refused at their limits, and says who was: one line in ten seconds, however many there were.
 * Counted by the service's loop, read by any thread.
 */
final class ClientRefusals {
    private static final Logger log = LoggerFactory.getLogger(ClientRefusals.class);
    private static final long INTERVAL_NS = TimeUnit.SECONDS.toNanos(10);

    private final AtomicLongArray counts = new AtomicLongArray(ClientLimit.count());
    private boolean hasSaid;
    private long saidNs;
    private long keptBack;

    void add(ClientLimit limit, Client client) {
        counts.setRelease(limit.index(), counts.getPlain(limit.index()) + 1);
        long nowNs = System.nanoTime();
        if (hasSaid && nowNs - saidNs < INTERVAL_NS) {
            keptBack++;
            return;
        }
        log.warn("client {}: at its limit of {} ({} such warnings kept back)", client.name(), limit.word(), keptBack);
        hasSaid = true;
        saidNs = nowNs;
        keptBack = 0;
    }

    /** How often clients were at this limit; from any thread. */
    long count(ClientLimit limit) {
        return counts.getAcquire(limit.index());
    }
}
