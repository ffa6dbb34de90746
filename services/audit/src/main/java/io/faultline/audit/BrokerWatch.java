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

    /** What becomes of steps while the broker is away, of a log without a spool. */
    static final String IN_MEMORY = "the audit trail waits in memory, and what finds no room is dropped";

    private final String brokers;
    private final String meanwhile;
    private final AtomicBoolean away = new AtomicBoolean();
    private volatile boolean answeredOnce;

    /** A watch over these brokers; {@code meanwhile} says what becomes of the trail while they are away. */
    BrokerWatch(String brokers, String meanwhile) {
        this.brokers = brokers;
        this.meanwhile = meanwhile;
    }

    /** The broker could not be reached at the start. */
    void unreachable(BrokerUnavailableException why) {
        if (away.compareAndSet(false, true)) {
            LOG.warn("{}; {}", why.getMessage(), meanwhile);
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

    /** A block was refused, and is kept to be sent again. */
    void refused(Exception why) {
        if (away.compareAndSet(false, true)) {
            LOG.warn("the Kafka broker at {} refuses: {}; {}", brokers, why.getMessage(), meanwhile);
        }
    }

    /** The machine's wall clock was put back, and the connection is made anew. */
    void clockWasPutBack() {
        LOG.warn("the machine's clock was put back: connecting to the Kafka broker at {} anew", brokers);
    }

    /** Blocks have waited for that long without any answer. */
    void waitingFor(long silentMs) {
        if (silentMs > SILENCE_MS && away.compareAndSet(false, true)) {
            LOG.warn("no Kafka broker at {}: no answer for {} ms; {}", brokers, silentMs, meanwhile);
        }
    }
}
