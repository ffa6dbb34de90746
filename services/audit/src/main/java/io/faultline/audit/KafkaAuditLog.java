// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import io.faultline.audit.spool.Life;
import io.faultline.audit.spool.Spool;
import io.faultline.audit.spool.SpoolCounts;
import io.faultline.audit.spool.SpoolException;
import io.faultline.model.AuditStep;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
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
    private final Outlet outlet;
    private final BrokerWatch watch;
    private final Consumer<MeterRegistry> kafkaMetrics;
    private final AuditPublisher publisher;
    private final Thread thread;
    private final Duration closeTimeout;

    /**
     * Opens the log and, if {@code required}, waits for the broker first.
     *
     * @throws BrokerUnavailableException if a broker is required and none answers in time
     * @throws KafkaClientFileException if the file of Kafka's client settings cannot be used
     * @throws SpoolException if a spool is asked for and its directory cannot be used
     */
    public static KafkaAuditLog open(AuditSource source, AuditProperties properties) {
        QuietKafka.quieten();
        // A file that cannot be used ends the start; later it is a broker that is away.
        KafkaSecurity _ = KafkaSecurity.of(properties.kafkaClientFile());
        WallClock clockUs = WallClock.startingNow();
        Life life = new Life(source.named(properties.instance()), clockUs.getAsLong());
        return properties.hasSpool()
                ? spooling(source, properties, life, clockUs)
                : inMemory(source, properties, life, clockUs);
    }

    private static KafkaAuditLog inMemory(
            AuditSource source, AuditProperties properties, Life life, WallClock clockUs) {
        BrokerWatch watch = new BrokerWatch(properties.bootstrapServers(), BrokerWatch.IN_MEMORY);
        KafkaLink link = KafkaLink.open(source, properties, watch);
        KafkaBlocks outlet = new KafkaBlocks(link, properties.topic(), clockUs, watch);
        return new KafkaAuditLog(properties, life, clockUs, new Way(outlet, watch, link::bindTo, outlet::connect));
    }

    private static KafkaAuditLog spooling(
            AuditSource source, AuditProperties properties, Life life, WallClock clockUs) {
        Path directory = Path.of(properties.spoolDirectory()).resolve(source.service());
        Spool spool = Spool.open(directory, properties.spoolMaxBytes(), life);
        BrokerWatch watch =
                new BrokerWatch(properties.bootstrapServers(), "the audit trail waits in the spool " + directory);
        try {
            KafkaLink link = KafkaLink.open(source, properties, watch);
            Outlet outlet = new SpoolingBlocks(
                    spool,
                    link,
                    new SpoolingBlocks.Target(properties.topic(), life.incarnation()),
                    properties.bufferBytes() / 2,
                    clockUs,
                    watch);
            return new KafkaAuditLog(properties, life, clockUs, new Way(outlet, watch, link::bindTo, () -> true));
        } catch (BrokerUnavailableException e) {
            spool.close();
            throw e;
        }
    }

    /** How blocks leave: through which outlet, how that is metered, and how the broker is reached before the first. */
    private record Way(
            Outlet outlet, BrokerWatch watch, Consumer<MeterRegistry> kafkaMetrics, BooleanSupplier connect) {}

    private KafkaAuditLog(AuditProperties properties, Life life, WallClock clockUs, Way way) {
        this.clockUs = clockUs;
        this.outlet = way.outlet;
        this.watch = way.watch;
        this.kafkaMetrics = way.kafkaMetrics;
        this.closeTimeout = Duration.ofMillis(properties.closeTimeoutMs());
        ring = new AuditRing(properties.ringSteps());
        publisher = new AuditPublisher(
                new BlockFolder(ring, life, clockUs, this::dropped, outlet),
                outlet,
                clockUs::wasPutBack,
                way.connect,
                properties);
        thread = Thread.ofPlatform().name("audit-publisher").daemon(true).start(publisher);
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
        return outlet.deliveries().records();
    }

    @Override
    public long dropped() {
        return ring.dropped() + outlet.droppedSteps();
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
        return ring.offered() - outlet.deliveries().acknowledgedSteps() - outlet.droppedSteps();
    }

    @Override
    public boolean isBrokerConnected() {
        return watch.isConnected();
    }

    @Override
    public void bindKafka(MeterRegistry registry) {
        kafkaMetrics.accept(registry);
        outlet.deliveries().bindTo(registry);
    }

    @Override
    public SpoolCounts spool() {
        return outlet.spool();
    }

    @Override
    public long spoolAgeUs() {
        long oldestUs = outlet.spool().oldestUs();
        // An earlier life may have had a clock that was ahead of this one's.
        return oldestUs == 0 ? 0 : Math.max(0, clockUs.getAsLong() - oldestUs);
    }

    @Override
    public long lagUs() {
        return outlet.lagUs();
    }

    /** Sends what is left and ends, within the close timeout and a little; what waits or is lost by then is said. */
    @Override
    public void close() {
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
        long waiting = outlet.spool().waitingSteps();
        if (waiting > 0) {
            LOG.warn("{} steps of the audit trail wait in the spool for the next start", waiting);
        }
    }
}
