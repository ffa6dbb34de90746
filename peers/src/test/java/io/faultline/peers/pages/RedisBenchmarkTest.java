// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.peers.pages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.peers.Sample;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class RedisBenchmarkTest {
    @Test
    void theLineOfRedis7HasTheRateAndPercentilesInMilliseconds() throws IOException {
        Sample sample = RedisBenchmark.parse("""
                "test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max_latency_ms"
                "GET key:__rand_int__","212765.95","0.874","0.352","0.831","1.223","1.575","2.015"
                """);

        assertThat(sample.perSecond()).isEqualTo(212_765.95);
        assertThat(sample.p50Us()).isEqualTo(831);
        assertThat(sample.p99Us()).isEqualTo(1_575);
    }

    @Test
    void theLineOfRedis5HasTheRateOnly() throws IOException {
        Sample sample = RedisBenchmark.parse("\"GET key:__rand_int__\",\"90909.09\"\n");

        assertThat(sample.perSecond()).isEqualTo(90_909.09);
        assertThat(sample.p50Us()).isNaN();
    }

    @Test
    void anythingElseIsNoFigure() {
        assertThatThrownBy(() -> RedisBenchmark.parse("Could not connect to Redis at 127.0.0.1:1: refused\n"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("Could not connect");
    }
}
