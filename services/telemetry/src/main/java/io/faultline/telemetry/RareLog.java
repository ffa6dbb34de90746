// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.telemetry;

import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/** Logs at most one warning in some seconds, five unless it is told otherwise, and says how many it kept back. Any thread. */
public final class RareLog {
    private static final Duration INTERVAL = Duration.ofSeconds(5);

    private final Logger log;
    private final long intervalNs;
    private long lastNs;
    private long keptBack;

    /** Warns through a logger. */
    public RareLog(Logger log) {
        this(log, INTERVAL);
    }

    /** Warns through a logger, once in so long. */
    public RareLog(Logger log, Duration interval) {
        this.log = log;
        intervalNs = interval.toNanos();
        lastNs = System.nanoTime() - intervalNs;
    }

    /** Logs a warning, unless there was one a moment ago. */
    public void warn(String message, @Nullable Throwable cause) {
        warn(() -> message, cause);
    }

    /** Likewise; what it says is only put into words when it is logged. */
    public void warn(Supplier<String> message) {
        warn(message, null);
    }

    private synchronized void warn(Supplier<String> message, @Nullable Throwable cause) {
        long nowNs = System.nanoTime();
        if (nowNs - lastNs < intervalNs) {
            keptBack++;
            return;
        }
        log.warn("{} ({} such warnings kept back)", message.get(), keptBack, cause);
        lastNs = nowNs;
        keptBack = 0;
    }
}
