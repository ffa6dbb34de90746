// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import io.faultline.audit.spool.Block;
import io.faultline.audit.spool.SpoolCounts;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/**
 * The way without a spool: blocks go to Kafka's producer, and one that it gives up is lost. Sends are the publishing
 * thread's, acknowledgements come on the producer's own thread.
 */
final class KafkaBlocks implements Outlet {
    private final BrokerLink link;
    private final String topic;
    private final LongSupplier clockUs;
    private final BrokerWatch watch;
    private final Deliveries deliveries = new Deliveries();

    private @Nullable Producer<byte[], byte[]> producer;
    private final AtomicInteger inFlight = new AtomicInteger();
    private volatile long progressUs;

    /** One without a producer yet: {@link #connect} comes before the first block. */
    KafkaBlocks(BrokerLink link, String topic, LongSupplier clockUs, BrokerWatch watch) {
        this.link = link;
        this.topic = topic;
        this.clockUs = clockUs;
        this.watch = watch;
    }

    /** Whether the broker was reached; asked by the publishing thread until it is. */
    boolean connect() {
        if (producer == null) {
            producer = link.poll();
        }
        return producer != null;
    }

    @Override
    public void send(Block block) {
        Producer<byte[], byte[]> to = producer;
        if (to == null) {
            throw new IllegalStateException("a block without a producer");
        }
        long nowUs = clockUs.getAsLong();
        if (inFlight.getAndIncrement() == 0) {
            progressUs = nowUs;
        }
        try {
            // The callback gets the failure as well.
            Future<RecordMetadata> _ =
                    to.send(BlockEvents.of(topic, block, false), (metadata, failure) -> settled(block, nowUs, failure));
        } catch (KafkaException | IllegalStateException e) {
            settled(block, nowUs, e);
        }
    }

    private void settled(Block block, long sentUs, @Nullable Exception failure) {
        long nowUs = clockUs.getAsLong();
        if (failure == null) {
            deliveries.acknowledged(block.steps(), block.firstUs(), sentUs, nowUs);
            watch.answered();
        } else {
            watch.failed(deliveries.dropped(block.steps()), failure);
        }
        progressUs = nowUs;
        inFlight.decrementAndGet();
    }

    /** Warns if blocks wait and the broker has not answered for long. */
    @Override
    public void look() {
        if (inFlight.get() > 0) {
            watch.waitingFor(TimeUnit.MICROSECONDS.toMillis(clockUs.getAsLong() - progressUs));
        }
    }

    /**
     * Nothing to do: what the producer began to gather before waits until the clock is where it was, or until it is full, or until
     * the end.
     */
    @Override
    public void clockWasPutBack() {}

    @Override
    public void close(Duration timeout) {
        if (producer != null) {
            producer.close(timeout);
        }
        link.close();
    }

    @Override
    public Deliveries deliveries() {
        return deliveries;
    }

    @Override
    public SpoolCounts spool() {
        return SpoolCounts.NONE;
    }

    @Override
    public long droppedSteps() {
        return deliveries.droppedSteps();
    }

    @Override
    public long lagUs() {
        long silentUs = inFlight.get() == 0 ? 0 : clockUs.getAsLong() - progressUs;
        return Math.max(deliveries.lastLagUs(), silentUs);
    }
}
