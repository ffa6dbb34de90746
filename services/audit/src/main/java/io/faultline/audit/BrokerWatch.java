// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says once that the broker is away and once that it is back, however many blocks are concerned. Any thread. */
final class BrokerWatch {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerWatch.class);
    private static final long SILENCE_MS = 5_000;

    private final String brokers;
    private final AtomicBoolean away = new AtomicBoolean();
    private volatile boolean answeredOnce;

    BrokerWatch(String brokers) {
        this.brokers = brokers;
    }

    /** The broker could not be reached at the start. */
    void unreachable(BrokerUnavailableException why) {
        if (away.compareAndSet(false, true)) {
            LOG.warn("{}; the audit trail waits in memory, and what finds no room is dropped", why.getMessage());
        }
    }

    /** The broker acknowledged something. */
    void answered() {
        answeredOnce = true;
        if (away.compareAndSet(true, false)) {
            LOG.info("the Kafka broker at {} answers again", brokers);
        }
    }

    /** Whether the broker has answered, and not fallen silent since. */
    boolean isConnected() {
        return answeredOnce && !away.get();
    }

    /** A block was not taken; that many steps are lost by now. */
    void failed(long droppedTotal, Exception why) {
        if (away.compareAndSet(false, true)) {
            LOG.warn(
                    "no Kafka broker at {}: {} steps of the audit trail are lost so far: {}",
                    brokers,
                    droppedTotal,
                    why.getMessage());
        }
    }

    /** Blocks have waited for that long without any answer. */
    void waitingFor(long silentMs) {
        if (silentMs > SILENCE_MS && away.compareAndSet(false, true)) {
            LOG.warn("no Kafka broker at {}: no answer for {} ms; the audit trail waits in memory", brokers, silentMs);
        }
    }
}
