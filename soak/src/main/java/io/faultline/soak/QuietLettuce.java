// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import org.slf4j.LoggerFactory;

/** Keeps what Lettuce says of each connection that a strike has broken off the terminal. A level that somebody set stays. */
public final class QuietLettuce {
    private static final String LOGGER = "io.lettuce";

    private QuietLettuce() {}

    /** Does so. */
    public static void quieten() {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context
                && context.getLogger(LOGGER).getLevel() == null) {
            context.getLogger(LOGGER).setLevel(Level.ERROR);
        }
    }
}
