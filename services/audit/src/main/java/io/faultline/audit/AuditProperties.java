// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings {@code faultline.audit.*}.
 *
 * @param enabled whether steps are kept at all; false: they are counted only
 * @param required whether the service refuses to start without a broker; false: steps wait in the ring meanwhile
 * @param bootstrapServers the Kafka brokers to ask first, {@code host:port} with commas between
 * @param kafkaClientFile a file of Kafka's client settings {@code security.protocol}, {@code ssl.*} and {@code sasl.*}; empty for
 *     plain text
 * @param topic the topic of the trail
 * @param partitions how many partitions the topic gets if it has to be created
 * @param instance this process's name behind the service's, empty for the host's name
 * @param ringSteps how many steps the ring holds, rounded up to a power of two, 64 to 16,777,216
 * @param wakeMs how long the publishing thread sleeps between two looks at the ring, 1 to 1,000
 * @param lingerMs how long Kafka's client waits for a batch to fill
 * @param batchBytes the size of such a batch
 * @param bufferBytes how much Kafka's client holds while the broker is slow or away, at least two batches
 * @param connectTimeoutMs how long a start waits for the broker, and a block for room in Kafka's buffer
 * @param closeTimeoutMs how long an orderly end waits for what is not yet acknowledged
 * @param spoolDirectory where steps wait while the broker is away, in a directory of the service's name; empty for nowhere
 * @param spoolMaxBytes how much may wait there, at least 1 MiB
 */
@ConfigurationProperties("faultline.audit")
public record AuditProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("true") boolean required,
        @DefaultValue("127.0.0.1:9092") String bootstrapServers,
        @DefaultValue("") String kafkaClientFile,
        @DefaultValue("faultline.audit") String topic,
        @DefaultValue("3") int partitions,
        @DefaultValue("") String instance,
        @DefaultValue("65536") int ringSteps,
        @DefaultValue("5") int wakeMs,
        @DefaultValue("50") int lingerMs,
        @DefaultValue("1048576") int batchBytes,
        @DefaultValue("33554432") long bufferBytes,
        @DefaultValue("10000") int connectTimeoutMs,
        @DefaultValue("5000") int closeTimeoutMs,
        @DefaultValue("") String spoolDirectory,
        @DefaultValue("268435456") long spoolMaxBytes) {
    private static final int RING_STEPS_MIN = 64;
    private static final int RING_STEPS_MAX = 1 << 24;

    /** Refuses values out of range, with the range. */
    public AuditProperties {
        check("partitions", partitions, 1, 10_000);
        check("ring-steps", ringSteps, RING_STEPS_MIN, RING_STEPS_MAX);
        check("wake-ms", wakeMs, 1, 1_000);
        check("linger-ms", lingerMs, 0, 10_000);
        check("batch-bytes", batchBytes, 1_024, 1 << 26);
        check("buffer-bytes", bufferBytes, 2L * batchBytes, Long.MAX_VALUE);
        check("connect-timeout-ms", connectTimeoutMs, 100, 600_000);
        check("close-timeout-ms", closeTimeoutMs, 0, 600_000);
        check("spool-max-bytes", spoolMaxBytes, 1 << 20, Long.MAX_VALUE);
    }

    /** Whether steps wait on disk while the broker is away. */
    boolean hasSpool() {
        return !spoolDirectory.isBlank();
    }

    private static void check(String name, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(
                    "faultline.audit." + name + ": " + value + " (expected: " + min + " to " + max + ")");
        }
    }
}
