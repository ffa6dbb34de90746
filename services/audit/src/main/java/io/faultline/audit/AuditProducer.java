// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Makes the Kafka producers of an audit log. */
final class AuditProducer {
    /** How long a send may wait beside a spool: the steps that come meanwhile must fit the ring. */
    private static final int SPOOLING_BLOCK_MS = 1_000;

    private static final Pattern ADDRESS =
            Pattern.compile("(?:[\\w.-]+://)?(?:\\[[0-9A-Fa-f:.%]+]|[^\\s:/]+):[0-9]{1,5}");

    private AuditProducer() {}

    /**
     * A producer, which has reached the broker if one is required.
     *
     * @throws BrokerUnavailableException if the address cannot be one of a broker, or if one is required and none answers
     *     in time, or before the JVM is told to end
     */
    static Producer<byte[], byte[]> open(AuditSource source, AuditProperties properties) {
        Producer<byte[], byte[]> producer = create(source, properties);
        if (properties.required()) {
            try (var _ = InterruptOnEnd.open()) {
                AuditTopic.ensure(properties, producer);
            } catch (BrokerUnavailableException e) {
                // An interrupt has done its work: it would end the producer's close, too.
                boolean isInterrupted = Thread.interrupted();
                producer.close(Duration.ZERO);
                if (isInterrupted) {
                    Thread.currentThread().interrupt();
                }
                throw e;
            }
        }
        return producer;
    }

    /**
     * Refuses what can never be an address, whoever is there.
     *
     * @throws BrokerUnavailableException with the address and the expected form
     */
    static void requireAddresses(AuditProperties properties) {
        for (String address : properties.bootstrapServers().split(",", -1)) {
            if (!ADDRESS.matcher(address.strip()).matches()) {
                throw new BrokerUnavailableException(
                        "no Kafka broker at " + properties.bootstrapServers() + ": " + address
                                + " (expected: HOST:PORT, such as 127.0.0.1:9092)",
                        null);
            }
        }
    }

    /**
     * A producer that looks for the broker from now on.
     *
     * @throws BrokerUnavailableException if the address cannot be one of a broker, or its name is not known now
     */
    static Producer<byte[], byte[]> create(AuditSource source, AuditProperties properties) {
        Map<String, Object> settings = new HashMap<>();
        settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, properties.bootstrapServers());
        settings.put(ProducerConfig.CLIENT_ID_CONFIG, "audit-" + source.service());
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        settings.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
        settings.put(ProducerConfig.LINGER_MS_CONFIG, properties.lingerMs());
        settings.put(ProducerConfig.BATCH_SIZE_CONFIG, properties.batchBytes());
        settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, properties.bufferBytes());
        settings.put(ProducerConfig.ENABLE_METRICS_PUSH_CONFIG, false);
        if (properties.hasSpool()) {
            // What the producer has is on disk as well: it goes on where it stopped, however long the broker was away.
            settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Integer.MAX_VALUE);
            settings.put(
                    ProducerConfig.MAX_BLOCK_MS_CONFIG, Math.min(SPOOLING_BLOCK_MS, properties.connectTimeoutMs()));
        } else {
            // A send that finds no room, or a restarted broker that does not know its topics yet, waits: the ring fills
            // meanwhile, and what it cannot hold is dropped there. To give up at once would lose whole blocks instead.
            settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, properties.connectTimeoutMs());
        }
        try {
            return new KafkaProducer<>(
                    secured(properties, settings), new ByteArraySerializer(), new ByteArraySerializer());
        } catch (KafkaException e) {
            throw new BrokerUnavailableException(
                    "no Kafka broker at " + properties.bootstrapServers() + ": "
                            + (e.getCause() == null ? e : e.getCause()).getMessage(),
                    e);
        }
    }

    /**
     * A client's settings with those that secure its connection. The file is read each time: a new connection takes up new
     * certificates.
     *
     * @throws BrokerUnavailableException if the file cannot be used
     */
    static Map<String, Object> secured(AuditProperties properties, Map<String, Object> client) {
        try {
            return KafkaSecurity.of(properties.kafkaClientFile()).with(client);
        } catch (KafkaClientFileException e) {
            throw new BrokerUnavailableException(String.valueOf(e.getMessage()), e);
        }
    }
}
