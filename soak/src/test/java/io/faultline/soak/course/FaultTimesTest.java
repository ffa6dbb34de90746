// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.course;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.faultline.processes.Exposition;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FaultTimesTest {
    @Test
    void aQuantileLiesEvenlyWithinItsBucket() {
        FaultTimes times = of(10, 90, 100);

        assertThat(times.total()).isEqualTo(100);
        assertThat(times.quantile(0.5)).isCloseTo(0.001 + 0.5 * 0.009, within(1e-9));
        assertThat(times.quantile(0.05)).isCloseTo(0.0005, within(1e-9));
    }

    @Test
    void whatIsSlowerThanEveryBoundIsTheLastBound() {
        assertThat(of(10, 90, 100).quantile(0.99)).isCloseTo(0.01, within(1e-9));
    }

    @Test
    void bucketsOfAllKindsAreOne() {
        FaultTimes times = FaultTimes.of(new Exposition("""
                faultline_vcpu_fault_seconds_bucket{kind="read",le="0.001"} 1
                faultline_vcpu_fault_seconds_bucket{kind="read",le="+Inf"} 2
                faultline_vcpu_fault_seconds_bucket{kind="write",le="0.001"} 3
                faultline_vcpu_fault_seconds_bucket{kind="write",le="+Inf"} 3
                faultline_vcpu_fault_seconds_count{kind="write"} 3
                """));

        assertThat(times.counts()).containsOnly(entry(0.001, 4), entry(Double.POSITIVE_INFINITY, 5));
    }

    @Test
    void onlyFaultsSinceTheLastLookCount() {
        assertThat(of(10, 90, 100).since(of(10, 10, 10)).counts().values()).containsExactly(0.0, 80.0, 90.0);
    }

    @Test
    void aProcessThatBeganAnewCountsFromZero() {
        assertThat(of(1, 2, 3).since(of(10, 10, 10)).total()).isEqualTo(3);
    }

    private static Map.Entry<Double, Double> entry(double bound, double count) {
        return Map.entry(bound, count);
    }

    private static FaultTimes of(double upTo1Ms, double upTo10Ms, double all) {
        return FaultTimes.of(new Exposition("""
                faultline_vcpu_fault_seconds_bucket{mode="async",le="0.001"} %s
                faultline_vcpu_fault_seconds_bucket{mode="async",le="0.01"} %s
                faultline_vcpu_fault_seconds_bucket{mode="async",le="+Inf"} %s
                """.formatted(upTo1Ms, upTo10Ms, all)));
    }
}
