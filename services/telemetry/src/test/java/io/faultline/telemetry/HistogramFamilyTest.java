// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HistogramFamilyTest {
    private static final String OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    private final HistogramFamily durations = HistogramFamily.ofDurations("some.work", "how long work takes");
    private final LoopHistogram done = durations.with("outcome", "done");
    private final LoopHistogram failed = durations.with("outcome", "failed");

    @Test
    void durationsAreReadInSecondsByBucket() {
        done.record(5_000);
        done.record(5_001);
        failed.record(TimeUnit.SECONDS.toNanos(60));

        assertThat(scrape(durations))
                .contains("# HELP some_work_seconds how long work takes", "# TYPE some_work_seconds histogram")
                .contains("some_work_seconds_bucket{outcome=\"done\",le=\"5.0E-6\"} 1\n")
                .contains("some_work_seconds_bucket{outcome=\"done\",le=\"1.0E-5\"} 2\n")
                .contains("some_work_seconds_count{outcome=\"done\"} 2\n")
                .contains("some_work_seconds_sum{outcome=\"done\"} 1.0001E-5\n")
                .contains("some_work_seconds_bucket{outcome=\"failed\",le=\"10.0\"} 0\n")
                .contains("some_work_seconds_bucket{outcome=\"failed\",le=\"+Inf\"} 1\n");
    }

    @Test
    void aValueMayCountSeveralTimes() {
        done.record(1_000, 3);

        assertThat(done.count()).isEqualTo(3);
        assertThat(done.sum()).isEqualTo(3_000);
    }

    @Test
    void sizesOfBatchesAreReadInRecords() {
        HistogramFamily sizes = HistogramFamily.ofRecords("some.batch", "records a message");
        sizes.with().record(64);

        assertThat(scrape(sizes))
                .contains("some_batch_records_bucket{le=\"32.0\"} 0\n", "some_batch_records_bucket{le=\"64.0\"} 1\n")
                .contains("some_batch_records_sum 64.0\n");
    }

    @Test
    void anotherRegistryReadsCountAndSum() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        durations.bindTo(registry);
        done.record(TimeUnit.MILLISECONDS.toNanos(2));

        assertThat(registry.get("some.work")
                        .tag("outcome", "done")
                        .functionTimer()
                        .count())
                .isEqualTo(1);
        assertThat(registry.get("some.work")
                        .tag("outcome", "done")
                        .functionTimer()
                        .totalTime(TimeUnit.MILLISECONDS))
                .isEqualTo(2);
    }

    @Test
    void aTracedValueIsTheExemplarOfItsBucketUntilTheNext() {
        done.record(4_000, new TraceParent(1, 2, 3), 1_700_000_000_123L);
        done.record(4_500, new TraceParent(0xA, 0xB, 0xC), 1_700_000_000_456L);
        done.record(7_000);

        assertThat(scrape(durations, OPEN_METRICS))
                .contains("some_work_seconds_bucket{outcome=\"done\",le=\"5.0E-6\"} 2"
                        + " # {span_id=\"000000000000000c\",trace_id=\"000000000000000a000000000000000b\"}"
                        + " 4.5E-6 1700000000.456\n")
                .contains("some_work_seconds_bucket{outcome=\"done\",le=\"1.0E-5\"} 3\n")
                .contains("some_work_seconds_bucket{outcome=\"failed\",le=\"5.0E-6\"} 0\n");
        assertThat(scrape(durations)).doesNotContain("trace_id");
        assertThat(done.count()).isEqualTo(3);
    }

    private static String scrape(HistogramFamily family) {
        return scrape(family, "text/plain");
    }

    private static String scrape(HistogramFamily family, String type) {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        family.bindTo(registry);
        return registry.scrape(type);
    }
}
