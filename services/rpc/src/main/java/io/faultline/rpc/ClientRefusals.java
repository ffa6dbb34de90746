// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import io.faultline.telemetry.RareLog;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLongArray;
import org.slf4j.LoggerFactory;

/**
 * Counts what clients were refused at their limits, and says who was: one line in ten seconds, however many there were.
 * Counted by the service's loop, read by any thread.
 */
final class ClientRefusals {
    private static final Duration INTERVAL = Duration.ofSeconds(10);

    private final RareLog log = new RareLog(LoggerFactory.getLogger(ClientRefusals.class), INTERVAL);
    private final AtomicLongArray counts = new AtomicLongArray(ClientLimit.count());

    void add(ClientLimit limit, Client client) {
        counts.setRelease(limit.index(), counts.getPlain(limit.index()) + 1);
        log.warn(() -> "client " + client.name() + ": at its limit of " + limit.word());
    }

    /** How often clients were at this limit; from any thread. */
    long count(ClientLimit limit) {
        return counts.getAcquire(limit.index());
    }
}
