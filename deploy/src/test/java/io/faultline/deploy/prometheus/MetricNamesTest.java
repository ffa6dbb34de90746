// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.prometheus;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MetricNamesTest {
    @Test
    void functionsLabelsDurationsAndStringsAreNoMetrics() {
        String expr = """
                sum by (job, reason) (rate(faults_total{job="vcpu-service", reason=~"a|b"}[$__rate_interval]))
                  / on (job) group_left (version) max without (le) (build_info) > bool 1e3 or vector(0) offset 5m
                """;

        assertThat(MetricNames.of(expr)).containsExactly("build_info", "faults_total");
    }

    @Test
    void aRecordedSeriesIsAName() {
        assertThat(MetricNames.of("histogram_quantile(0.99, job:latency:rate5m) unless up == 0"))
                .containsExactly("job:latency:rate5m", "up");
    }

    @Test
    void aBraceInAStringEndsNoMatchers() {
        assertThat(MetricNames.of("faults_total{path=\"/a}b\"} + other_total"))
                .containsExactly("faults_total", "other_total");
    }
}
