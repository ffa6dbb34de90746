// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import io.faultline.model.AuditStep;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The audit trail on its way to Kafka: a ring that the event loop fills and a thread that empties it. {@link #append} is
 * the event loop's; opened and closed by the thread that runs the service.
 */
public final class KafkaAuditLog implements AuditLog, AuditCounts, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaAuditLog.class);
    /** What the thread may need on top of the close timeout. */
    private static final Duration CLOSE_SLACK = Duration.ofSeconds(1);

    private final AuditRing ring;
    private final LongSupplier clockUs;
    private final KafkaBlocks blocks;
    private final BrokerWatch watch;
    private final KafkaClientMetrics producerMetrics;
    private final AuditPublisher publisher;
    private final Thread thread;
    private final Duration closeTimeout;

    /**
     * Opens the log and, if {@code required}, waits for the broker first.
     *
     * @throws BrokerUnavailableException if a broker is required and none answers in time
     */
    public static KafkaAuditLog open(AuditSource source, AuditProperties properties) {
        QuietKafka.quieten();
        Producer<byte[], byte[]> producer = producer(source, properties);
        if (properties.required()) {
            try {
                AuditTopic.ensure(properties, producer);
            } catch (BrokerUnavailableException e) {
                producer.close(Duration.ZERO);
                throw e;
            }
        }
        return new KafkaAuditLog(source, properties, producer, WallClock.startingNow());
    }

    private KafkaAuditLog(
            AuditSource source, AuditProperties properties, Producer<byte[], byte[]> producer, LongSupplier clockUs) {
        this.clockUs = clockUs;
        this.closeTimeout = Duration.ofMillis(properties.closeTimeoutMs());
        long incarnation = clockUs.getAsLong();
        String name = source.named(properties.instance());
        watch = new BrokerWatch(properties.bootstrapServers());
        producerMetrics = new KafkaClientMetrics(producer);
        ring = new AuditRing(properties.ringSteps());
        blocks = new KafkaBlocks(producer, properties.topic(), name, incarnation, clockUs, watch);
        publisher = new AuditPublisher(
                new BlockFolder(ring, name, incarnation, this::dropped, blocks),
                blocks,
                producer,
                () -> properties.required() || reached(properties, producer, watch),
                properties);
        thread = Thread.ofPlatform().name("audit-publisher").daemon(true).start(publisher);
    }

    private static boolean reached(AuditProperties properties, Producer<byte[], byte[]> producer, BrokerWatch watch) {
        try {
            AuditTopic.ensure(properties, producer);
            watch.answered();
            return true;
        } catch (BrokerUnavailableException e) {
            watch.unreachable(e);
            return false;
        }
    }

    private static Producer<byte[], byte[]> producer(AuditSource source, AuditProperties properties) {
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
        // A send that finds no room, or a restarted broker that does not know its topics yet, waits: the ring fills
        // meanwhile, and what it cannot hold is dropped there. To give up at once would lose whole blocks instead.
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, properties.connectTimeoutMs());
        try {
            return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
        } catch (KafkaException e) {
            throw new BrokerUnavailableException(
                    "no Kafka broker at " + properties.bootstrapServers() + ": "
                            + (e.getCause() == null ? e : e.getCause()).getMessage(),
                    e);
        }
    }

    @Override
    public void append(AuditStep step) {
        ring.offer(step, clockUs.getAsLong());
    }

    @Override
    public long steps() {
        return ring.offered();
    }

    @Override
    public long records() {
        return blocks.records();
    }

    @Override
    public long dropped() {
        return ring.dropped() + blocks.droppedSteps();
    }

    @Override
    public int ringDepth() {
        return ring.depth();
    }

    @Override
    public int ringLimit() {
        return ring.capacity();
    }

    @Override
    public long lagSteps() {
        return ring.offered() - blocks.acknowledgedSteps() - blocks.droppedSteps();
    }

    @Override
    public boolean isBrokerConnected() {
        return watch.isConnected();
    }

    @Override
    public void bindKafka(MeterRegistry registry) {
        producerMetrics.bindTo(registry);
        blocks.bindTo(registry);
    }

    @Override
    public long lagUs() {
        return blocks.lagUs();
    }

    /** Sends what is left and ends, within the close timeout and a little; what is lost by then is said. */
    @Override
    public void close() {
        producerMetrics.close();
        publisher.requestClose();
        try {
            if (!thread.join(closeTimeout.plus(CLOSE_SLACK))) {
                thread.interrupt();
                thread.join(CLOSE_SLACK);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        long lost = dropped() + ring.depth();
        if (lost > 0) {
            LOG.error("{} steps of the audit trail are lost: it will not verify", lost);
        }
    }

    /** Wall time in microseconds that never goes back: taken once, then carried on by the monotonic clock. */
    private record WallClock(long startUs, long startNs) implements LongSupplier {
        static WallClock startingNow() {
            return new WallClock(TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis()), System.nanoTime());
        }

        @Override
        public long getAsLong() {
            return startUs + TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - startNs);
        }
    }
}
