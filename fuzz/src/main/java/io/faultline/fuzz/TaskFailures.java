// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.fuzz;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;
import ch.qos.logback.core.AppenderBase;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** What tasks of a loop threw, which Netty only logs. Any thread. */
final class TaskFailures extends AppenderBase<ILoggingEvent> {
    private static final String NETTYS = "io.netty.util.concurrent.AbstractEventExecutor";

    private final AtomicReference<@Nullable Throwable> first = new AtomicReference<>();

    /** Those of every loop of this process, from now on. */
    static TaskFailures watch() {
        TaskFailures failures = new TaskFailures();
        failures.start();
        if (LoggerFactory.getLogger(NETTYS) instanceof Logger logger) {
            logger.setLevel(Level.WARN);
            logger.addAppender(failures);
            return failures;
        }
        throw new IllegalStateException("the logger is no Logback's: what a task throws would not be seen");
    }

    @Override
    protected void append(ILoggingEvent event) {
        Throwable thrown = event.getThrowableProxy() instanceof ThrowableProxy proxy ? proxy.getThrowable() : null;
        first.compareAndSet(null, thrown == null ? new IllegalStateException(event.getFormattedMessage()) : thrown);
    }

    /** Throws the first, if there was one. */
    void rethrow() {
        Throwable thrown = first.getAndSet(null);
        if (thrown != null) {
            throw new IllegalStateException("a task of the loop threw " + thrown, thrown);
        }
    }
}
