// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import io.faultline.telemetry.HistogramFamily;
import io.faultline.telemetry.LoopHistogram;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

/**
 * Sends blocks to Kafka as CloudEvents in binary mode and counts what became of them. Sends are the publishing thread's,
 * acknowledgements come on the producer's own thread.
 */
final class KafkaBlocks implements BlockFolder.Sink, MeterBinder {
    /** The {@code ce_type} of a block. */
    static final String TYPE = "io.faultline.audit.block.v1";
    /** The {@code content-type} of a block. */
    static final String CONTENT_TYPE = "application/protobuf";

    private final Producer<byte[], byte[]> producer;
    private final String topic;
    private final long incarnation;
    private final List<Header> constantHeaders;
    private final LongSupplier clockUs;
    private final BrokerWatch watch;
    private final AtomicLong records = new AtomicLong();
    private final AtomicLong droppedSteps = new AtomicLong();
    private final AtomicLong acknowledgedSteps = new AtomicLong();
    private final HistogramFamily acknowledgements = HistogramFamily.ofDurations(
            "faultline.audit.acknowledge", "record given to the producer, to the broker's acknowledgement");
    /** Recorded on the producer's own thread only. */
    private final LoopHistogram acknowledgement = acknowledgements.with();

    private final AtomicInteger inFlight = new AtomicInteger();
    private volatile long lastLagUs;
    private volatile long progressUs;
    private long blocks;

    KafkaBlocks(
            Producer<byte[], byte[]> producer,
            String topic,
            String source,
            long incarnation,
            LongSupplier clockUs,
            BrokerWatch watch) {
        this.producer = producer;
        this.topic = topic;
        this.incarnation = incarnation;
        this.clockUs = clockUs;
        this.watch = watch;
        this.constantHeaders = List.of(
                header("ce_specversion", "1.0"),
                header("ce_source", source),
                header("ce_type", TYPE),
                header("content-type", CONTENT_TYPE));
    }

    @Override
    public void send(BlockEncoder block, byte[] value) {
        byte[] key = ByteBuffer.allocate(Long.BYTES).putLong(block.vmId()).array();
        ProducerRecord<byte[], byte[]> entry = new ProducerRecord<>(topic, key, value);
        constantHeaders.forEach(entry.headers()::add);
        entry.headers().add(header("ce_id", incarnation + "-" + ++blocks));
        long nowUs = clockUs.getAsLong();
        long firstUs = block.steps() > 0 ? block.firstUs() : nowUs;
        entry.headers()
                .add(header(
                        "ce_time",
                        Instant.EPOCH.plus(firstUs, ChronoUnit.MICROS).toString()));
        if (inFlight.getAndIncrement() == 0) {
            progressUs = nowUs;
        }
        int steps = block.steps();
        try {
            // The callback gets the failure as well.
            Future<RecordMetadata> _ =
                    producer.send(entry, (metadata, failure) -> settled(steps, firstUs, nowUs, failure));
        } catch (KafkaException | IllegalStateException e) {
            settled(steps, firstUs, nowUs, e);
        }
    }

    private void settled(int steps, long firstUs, long sentUs, @Nullable Exception failure) {
        long nowUs = clockUs.getAsLong();
        if (failure == null) {
            records.incrementAndGet();
            acknowledgedSteps.addAndGet(steps);
            acknowledgement.record(TimeUnit.MICROSECONDS.toNanos(nowUs - sentUs));
            lastLagUs = nowUs - firstUs;
            watch.answered();
        } else {
            long total = droppedSteps.addAndGet(steps);
            watch.failed(total, failure);
        }
        progressUs = nowUs;
        inFlight.decrementAndGet();
    }

    /** Warns if blocks wait and the broker has not answered for long. The publishing thread only. */
    void look() {
        if (inFlight.get() > 0) {
            watch.waitingFor(TimeUnit.MICROSECONDS.toMillis(clockUs.getAsLong() - progressUs));
        }
    }

    /** Records that the broker acknowledged. */
    long records() {
        return records.get();
    }

    /** Steps in blocks that the broker acknowledged. */
    long acknowledgedSteps() {
        return acknowledgedSteps.get();
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        acknowledgements.bindTo(registry);
    }

    /** Steps in blocks that Kafka did not take. */
    long droppedSteps() {
        return droppedSteps.get();
    }

    /** The age that the last acknowledged block had, or how long the broker has been silent if that is longer. */
    long lagUs() {
        long silentUs = inFlight.get() == 0 ? 0 : clockUs.getAsLong() - progressUs;
        return Math.max(lastLagUs, silentUs);
    }

    private static Header header(String name, String value) {
        return new RecordHeader(name, value.getBytes(StandardCharsets.UTF_8));
    }
}
