// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import java.util.List;
import org.slf4j.LoggerFactory;

/**
 * Keeps Kafka's routine, and its line for every attempt to reach a broker that is away, out of the log: this module
 * says once what the matter is. A level that somebody set stays.
 */
public final class QuietKafka {
    private static final List<String> LOGGERS = List.of("org.apache.kafka", "kafka", "state.change.logger");

    private QuietKafka() {}

    /** Raises the level of Kafka's loggers to ERROR where none is set. */
    public static void quieten() {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            for (String name : LOGGERS) {
                if (context.getLogger(name).getLevel() == null) {
                    context.getLogger(name).setLevel(Level.ERROR);
                }
            }
        }
    }
}
