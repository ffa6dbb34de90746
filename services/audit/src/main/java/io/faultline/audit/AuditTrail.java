// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import com.google.protobuf.InvalidProtocolBufferException;
import io.faultline.audit.verify.AuditVerifier;
import io.faultline.proto.audit.v1.AuditBlock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads the audit trail from its beginning. Every partition is read in its order, the partitions side by side. Used by
 * one thread; {@link #stop} by any.
 */
public final class AuditTrail implements AutoCloseable {
    /** The topic of the trail, unless a deployment names another. */
    public static final String DEFAULT_TOPIC = "faultline.audit";

    private static final int ANSWER_TIMEOUT_MS = 8_000;
    private static final Duration POLL = Duration.ofMillis(200);
    private static final int FETCH_BYTES_MAX = 8 << 20;

    /** What is done with the trail. */
    public interface Reader {
        /** A block; false ends the reading. */
        boolean block(AuditBlock block);

        /** A record that holds no block; false ends the reading. */
        boolean unreadable(int partition, long offset, String why);
    }

    private final String bootstrapServers;
    private final String topic;
    private final Consumer<byte[], byte[]> consumer;
    private volatile boolean stopped;

    /**
     * A trail that is not read yet.
     *
     * @throws BrokerUnavailableException if the address cannot be one of a broker
     */
    public AuditTrail(String bootstrapServers, KafkaSecurity security, String topic) {
        QuietKafka.quieten();
        this.bootstrapServers = bootstrapServers;
        this.topic = topic;
        Map<String, Object> settings = Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                ConsumerConfig.CLIENT_ID_CONFIG,
                "faultline-audit-trail",
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                false,
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "earliest",
                ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG,
                false,
                ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                ANSWER_TIMEOUT_MS,
                ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                ANSWER_TIMEOUT_MS,
                ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
                FETCH_BYTES_MAX);
        try {
            this.consumer = new KafkaConsumer<>(
                    security.with(settings), new ByteArrayDeserializer(), new ByteArrayDeserializer());
        } catch (KafkaException e) {
            throw new BrokerUnavailableException(
                    "no Kafka broker at " + bootstrapServers + ": "
                            + (e.getCause() == null ? e : e.getCause()).getMessage(),
                    e);
        }
    }

    /**
     * Reads what the topic holds at this moment; a topic that does not exist holds nothing.
     *
     * @throws BrokerUnavailableException if no broker answers in time
     */
    public void read(Reader reader) {
        read(reader, false);
    }

    /**
     * Feeds the auditor with what the topic holds at this moment.
     *
     * @throws BrokerUnavailableException if no broker answers in time
     */
    public void feed(AuditVerifier verifier) {
        read(new Reader() {
            @Override
            public boolean block(AuditBlock block) {
                verifier.accept(block);
                return true;
            }

            @Override
            public boolean unreadable(int partition, long offset, String why) {
                verifier.unreadable(partition, offset, why);
                return true;
            }
        });
    }

    /**
     * Reads what the topic holds and goes on with what comes, until the reader or {@link #stop} ends it.
     *
     * @throws BrokerUnavailableException if no broker answers in time
     */
    public void follow(Reader reader) {
        read(reader, true);
    }

    private void read(Reader reader, boolean follow) {
        try {
            List<TopicPartition> partitions = partitions();
            if (partitions.isEmpty() && !follow) {
                return;
            }
            while (partitions.isEmpty() && !stopped) {
                partitions = partitionsLater();
            }
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = follow ? Map.of() : new HashMap<>(consumer.endOffsets(partitions));
            boolean more = true;
            while (more && !stopped && (follow || !areReached(ends))) {
                for (ConsumerRecord<byte[], byte[]> entry : consumer.poll(POLL)) {
                    Long end = ends.get(new TopicPartition(entry.topic(), entry.partition()));
                    if (more && (end == null || entry.offset() < end)) {
                        more = hand(entry, reader);
                    }
                }
            }
        } catch (WakeupException e) {
            if (!stopped) {
                throw e;
            }
        } catch (TimeoutException e) {
            throw new BrokerUnavailableException(
                    "no Kafka broker at " + bootstrapServers + ": no answer within " + ANSWER_TIMEOUT_MS + " ms", e);
        } catch (KafkaException e) {
            throw new BrokerUnavailableException(
                    "the topic " + topic + " at " + bootstrapServers + " cannot be read: " + e.getMessage(), e);
        }
    }

    private List<TopicPartition> partitions() {
        try {
            List<PartitionInfo> infos = consumer.partitionsFor(topic);
            return infos == null
                    ? List.of()
                    : infos.stream()
                            .map(info -> new TopicPartition(topic, info.partition()))
                            .toList();
        } catch (InvalidTopicException e) {
            throw new IllegalArgumentException("topic: \"" + topic + "\" (expected: a name that Kafka allows)", e);
        }
    }

    /** The topic is not there yet: asks again after a while. */
    private List<TopicPartition> partitionsLater() {
        LockSupport.parkNanos(POLL.toNanos());
        return partitions();
    }

    private boolean areReached(Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
    }

    private static boolean hand(ConsumerRecord<byte[], byte[]> entry, Reader reader) {
        byte[] value = entry.value();
        AuditBlock block;
        try {
            if (value == null) {
                return reader.unreadable(entry.partition(), entry.offset(), "it has no value");
            }
            block = AuditBlock.parseFrom(value);
        } catch (InvalidProtocolBufferException e) {
            return reader.unreadable(entry.partition(), entry.offset(), String.valueOf(e.getMessage()));
        }
        return reader.block(block);
    }

    /** Ends a reading that is going on. */
    public void stop() {
        stopped = true;
        consumer.wakeup();
    }

    /** Gives the connection back. */
    @Override
    public void close() {
        consumer.close(CloseOptions.timeout(Duration.ofSeconds(1)));
    }
}
