// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit.cli;

import io.faultline.audit.AuditTrail;
import io.faultline.audit.KafkaSecurity;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the trail is, and whose steps are looked at: what both commands ask for. Filled by picocli. */
final class TrailOptions {
    /** Exit code: the trail is not whole, or breaks a rule. */
    static final int EXIT_BROKEN = 1;
    /** Exit code: the topic holds nothing. */
    static final int EXIT_EMPTY = 2;
    /** Exit code: no broker answers. */
    static final int EXIT_NO_BROKER = 3;

    @Option(
            names = "--bootstrap",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:9092",
            description = "A Kafka broker to ask first (default: ${DEFAULT-VALUE}).")
    private String bootstrap = "";

    @Option(
            names = "--kafka-client-file",
            paramLabel = "FILE",
            defaultValue = "",
            description = "Kafka's client settings security.protocol, ssl.* and sasl.* (default: plain text).")
    private String kafkaClientFile = "";

    @Option(
            names = "--topic",
            paramLabel = "TOPIC",
            defaultValue = "faultline.audit",
            description = "The trail's topic (default: ${DEFAULT-VALUE}).")
    private String topic = "";

    @Option(names = "--vm", paramLabel = "ID", description = "Only this VM's steps.")
    private @Nullable Long vmId;

    AuditTrail open() {
        return new AuditTrail(bootstrap, KafkaSecurity.of(kafkaClientFile), topic);
    }

    boolean concerns(long vm) {
        return vmId == null || vmId == vm;
    }

    String emptyMessage() {
        return "the topic " + topic + " at " + bootstrap + " holds no step" + (vmId == null ? "" : " of vm " + vmId)
                + ": nothing to audit";
    }
}
