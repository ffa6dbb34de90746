// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.broker;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import java.util.List;
import org.slf4j.LoggerFactory;

/** Keeps Kafka's hundreds of lines of routine out of the log; a level that somebody set stays. */
final class QuietKafka {
    private static final List<String> LOGGERS = List.of("org.apache.kafka", "kafka", "state.change.logger");

    private QuietKafka() {}

    static void quieten() {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            for (String name : LOGGERS) {
                if (context.getLogger(name).getLevel() == null) {
                    context.getLogger(name).setLevel(Level.ERROR);
                }
            }
        }
    }
}
