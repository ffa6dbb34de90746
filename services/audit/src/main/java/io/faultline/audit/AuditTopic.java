// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TopicExistsException;

/** Makes sure that the trail's topic exists and that the producer knows it. */
final class AuditTopic {
    private static final int REQUEST_TIMEOUT_MS = 2_000;

    private AuditTopic() {}

    /**
     * Creates the topic unless it is there; waits for the broker for at most the given time.
     *
     * @throws BrokerUnavailableException if no broker answers, or it refuses
     */
    static void ensure(AuditProperties properties, Producer<byte[], byte[]> producer) {
        create(properties);
        try {
            // The first send would wait for this, with steps coming in meanwhile.
            awaitPartitions(properties, producer);
        } catch (InterruptException e) {
            throw interrupted(properties, e);
        } catch (KafkaException e) {
            throw unavailable(properties, e);
        }
    }

    /** As {@link #ensure}, but whether it could be is the answer, and {@code watch} hears of it. */
    static boolean isReached(AuditProperties properties, Producer<byte[], byte[]> producer, BrokerWatch watch) {
        try {
            ensure(properties, producer);
            watch.answered();
            return true;
        } catch (BrokerUnavailableException e) {
            watch.unreachable(e);
            return false;
        }
    }

    /** Asks as often as the time allows: a producer beside a spool waits for less than that at once. */
    private static void awaitPartitions(AuditProperties properties, Producer<byte[], byte[]> producer) {
        long startNs = System.nanoTime();
        boolean known = false;
        while (!known) {
            try {
                producer.partitionsFor(properties.topic());
                known = true;
            } catch (org.apache.kafka.common.errors.TimeoutException e) {
                if (System.nanoTime() - startNs > TimeUnit.MILLISECONDS.toNanos(properties.connectTimeoutMs())) {
                    throw e;
                }
            }
        }
    }

    private static void create(AuditProperties properties) {
        int timeoutMs = properties.connectTimeoutMs();
        Map<String, Object> settings = Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                properties.bootstrapServers(),
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                Math.min(REQUEST_TIMEOUT_MS, timeoutMs),
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                timeoutMs);
        try {
            create(properties, Admin.create(AuditProducer.secured(properties, settings)));
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw unavailable(properties, e.getCause() == null ? e : e.getCause());
            }
        } catch (TimeoutException | KafkaException e) {
            throw unavailable(properties, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw interrupted(properties, e);
        }
    }

    private static void create(AuditProperties properties, Admin admin)
            throws ExecutionException, InterruptedException, TimeoutException {
        try {
            admin.createTopics(Set.of(
                            new NewTopic(properties.topic(), Optional.of(properties.partitions()), Optional.empty())))
                    .all()
                    .get(properties.connectTimeoutMs(), TimeUnit.MILLISECONDS);
        } finally {
            // By itself it would wait for a call that nobody waits for any more.
            admin.close(Duration.ZERO);
        }
    }

    private static BrokerUnavailableException interrupted(AuditProperties properties, Exception cause) {
        return new BrokerUnavailableException(
                "told to end while waiting for the Kafka broker at " + properties.bootstrapServers(), cause);
    }

    private static BrokerUnavailableException unavailable(AuditProperties properties, Throwable cause) {
        if (cause instanceof TimeoutException || cause instanceof org.apache.kafka.common.errors.TimeoutException) {
            return new BrokerUnavailableException(
                    "no Kafka broker at " + properties.bootstrapServers() + ": no answer within "
                            + properties.connectTimeoutMs() + " ms",
                    cause);
        }
        String why =
                cause.getCause() == null ? cause.getMessage() : cause.getCause().getMessage();
        return new BrokerUnavailableException(
                "no Kafka broker at " + properties.bootstrapServers() + " for the topic " + properties.topic() + ": "
                        + why,
                cause);
    }
}
