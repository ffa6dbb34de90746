// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.Producer;
import org.jspecify.annotations.Nullable;

/**
 * Looks for the broker on a thread of its own, which lives only while there is something to look for. Its methods are the
 * publishing thread's, {@link #bindTo} any one's.
 */
final class KafkaLink implements BrokerLink {
    private static final long RETRY_MS = 250;
    private static final Duration JOIN = Duration.ofMillis(500);

    private final AuditSource source;
    private final AuditProperties properties;
    private final BrokerWatch watch;
    private final AtomicReference<@Nullable Producer<byte[], byte[]>> ready = new AtomicReference<>();
    private volatile boolean closed;
    private @Nullable Thread search;

    // Guarded by this.
    private @Nullable MeterRegistry registry;
    private @Nullable KafkaClientMetrics metrics;

    private KafkaLink(AuditSource source, AuditProperties properties, BrokerWatch watch) {
        this.source = source;
        this.properties = properties;
        this.watch = watch;
    }

    /**
     * A link whose first producer is there, if a broker is required, or is looked for. A broker that is away may have no
     * name either: a container's or pod's is forgotten with it.
     *
     * @throws BrokerUnavailableException if a broker is required and none answers in time, or if the address is none
     */
    static KafkaLink open(AuditSource source, AuditProperties properties, BrokerWatch watch) {
        KafkaLink link = new KafkaLink(source, properties, watch);
        if (properties.required()) {
            Producer<byte[], byte[]> first = AuditProducer.open(source, properties);
            watch.answered();
            link.ready.set(first);
            link.meter(first);
        } else {
            AuditProducer.requireAddresses(properties);
            link.search(link::find);
        }
        return link;
    }

    @Override
    public @Nullable Producer<byte[], byte[]> poll() {
        return ready.getAndSet(null);
    }

    @Override
    public void replace(Producer<byte[], byte[]> old) {
        search(() -> {
            old.close(Duration.ZERO);
            find();
        });
    }

    private void search(Runnable task) {
        search = Thread.ofPlatform().name("audit-broker").daemon(true).start(task);
    }

    private void find() {
        while (!closed) {
            try {
                Producer<byte[], byte[]> next = AuditProducer.create(source, properties);
                meter(next);
                reach(next);
                return;
            } catch (BrokerUnavailableException e) {
                watch.unreachable(e);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(RETRY_MS));
            }
        }
    }

    private void reach(Producer<byte[], byte[]> producer) {
        while (!closed && !AuditTopic.isReached(properties, producer, watch)) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(RETRY_MS));
        }
        ready.set(producer);
        if (closed) {
            // The interrupt that ended the search has done its work: it would end the producer's close, too.
            boolean _ = Thread.interrupted();
            closeReady();
        }
    }

    /** Meters the producers' way to the broker. */
    void bindTo(MeterRegistry to) {
        synchronized (this) {
            registry = to;
            if (metrics != null) {
                metrics.bindTo(to);
            }
        }
    }

    private void meter(Producer<byte[], byte[]> producer) {
        synchronized (this) {
            if (metrics != null) {
                metrics.close();
            }
            metrics = new KafkaClientMetrics(producer);
            if (registry != null) {
                metrics.bindTo(registry);
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        Thread thread = search;
        if (thread != null) {
            thread.interrupt();
            try {
                thread.join(JOIN);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        closeReady();
        synchronized (this) {
            if (metrics != null) {
                metrics.close();
            }
        }
    }

    private void closeReady() {
        Producer<byte[], byte[]> unused = ready.getAndSet(null);
        if (unused != null) {
            unused.close(Duration.ZERO);
        }
    }
}
