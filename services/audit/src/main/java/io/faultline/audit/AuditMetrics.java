// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
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
        FunctionCounter.builder("faultline.audit.steps", counts, AuditCounts::steps)
                .description("Steps of the audit trail that were appended")
                .register(registry);
        FunctionCounter.builder("faultline.audit.records", counts, AuditCounts::records)
                .description("Kafka records of the audit trail that the broker acknowledged")
                .register(registry);
        FunctionCounter.builder("faultline.audit.dropped", counts, AuditCounts::dropped)
                .description("Steps of the audit trail that were lost: the ring was full or the broker away")
                .register(registry);
        Gauge.builder("faultline.audit.ring.depth", counts, AuditCounts::ringDepth)
                .description("Steps that wait in the ring")
                .register(registry);
        TimeGauge.builder("faultline.audit.lag", counts, TimeUnit.MICROSECONDS, AuditCounts::lagUs)
                .description("How far the acknowledged trail is behind what was taken from the ring")
                .register(registry);
    }
}
