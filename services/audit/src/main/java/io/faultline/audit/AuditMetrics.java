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
                "faultline.audit.dropped", "steps lost: the ring was full, or the broker away", AuditCounts::dropped);
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
        counts.bindKafka(registry);
    }
}
