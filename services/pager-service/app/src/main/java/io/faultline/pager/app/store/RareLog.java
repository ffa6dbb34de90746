// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/** Logs at most one warning in five seconds and says how many it kept back. Any thread. */
public final class RareLog {
    private static final long INTERVAL_NS = Duration.ofSeconds(5).toNanos();

    private final Logger log;
    private long lastNs = System.nanoTime() - INTERVAL_NS;
    private long keptBack;

    /** Warns through a logger. */
    public RareLog(Logger log) {
        this.log = log;
    }

    /** Logs a warning, unless there was one a moment ago. */
    public synchronized void warn(String message, @Nullable Throwable cause) {
        long nowNs = System.nanoTime();
        if (nowNs - lastNs < INTERVAL_NS) {
            keptBack++;
            return;
        }
        log.warn("{} ({} such warnings kept back)", message, keptBack, cause);
        lastNs = nowNs;
        keptBack = 0;
    }
}
