// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import io.faultline.telemetry.Meters;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.concurrent.TimeUnit;

/** The metrics {@code faultline.audit.*} of one log. */
final class AuditMetrics implements MeterBinder {
    private final AuditCounts counts;

    AuditMetrics(AuditCounts counts) {
        this.counts = counts;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Meters<AuditCounts> meters = new Meters<>(registry, () -> counts);
        meters.counter("faultline.audit.steps", "steps appended", AuditCounts::steps);
        meters.counter("faultline.audit.records", "Kafka records that the broker acknowledged", AuditCounts::records);
        meters.counter(
                "faultline.audit.dropped",
                "steps lost: ring and spool were full, or the broker away",
                AuditCounts::dropped);
        meters.gauge("faultline.audit.ring.depth", "steps that wait in the ring", AuditCounts::ringDepth);
        meters.gauge("faultline.audit.ring.limit", "steps that the ring holds", AuditCounts::ringLimit);
        meters.gauge(
                "faultline.audit.lag.steps", "steps appended, neither acknowledged nor lost", AuditCounts::lagSteps);
        meters.gauge(
                "faultline.audit.broker.connected",
                "1 while the broker answers",
                all -> all.isBrokerConnected() ? 1 : 0);
        TimeGauge.builder("faultline.audit.lag", counts, TimeUnit.MICROSECONDS, AuditCounts::lagUs)
                .description("how far the acknowledged trail is behind what was taken from the ring")
                .register(registry);
        bindSpool(meters);
        TimeGauge.builder("faultline.audit.spool.age", counts, TimeUnit.MICROSECONDS, AuditCounts::spoolAgeUs)
                .description("the age of the oldest step on disk")
                .register(registry);
        counts.bindKafka(registry);
    }

    private static void bindSpool(Meters<AuditCounts> meters) {
        meters.bytes(
                "faultline.audit.spool.used",
                "bytes of the spool's files",
                all -> all.spool().bytes());
        meters.bytes(
                "faultline.audit.spool.limit",
                "bytes that the spool's files may have; 0 without a spool",
                all -> all.spool().limitBytes());
        meters.gauge(
                "faultline.audit.spool.waiting",
                "steps in the spool that the broker has not acknowledged",
                all -> all.spool().waitingSteps());
        meters.counter(
                "faultline.audit.spool.steps",
                "steps written to the spool",
                all -> all.spool().spooledSteps());
        meters.counter(
                "faultline.audit.spool.failures",
                "writes, reads and deletions that the spool's disk refused",
                all -> all.spool().failures());
    }
}
