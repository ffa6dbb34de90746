// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.processes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExpositionTest {
    private static final Exposition EXPOSITION = new Exposition("""
            # HELP jvm_memory_used_bytes The amount of used memory
            jvm_memory_used_bytes{area="heap",id="Eden Space"} 1.5E7
            jvm_memory_used_bytes{area="nonheap",id="Metaspace"} 9.0
            jvm_memory_used_bytes{area="heap",id="Tenured Gen"} 2.0
            jvm_memory_used_bytes_of_another{area="heap"} 77
            plain_total 3.0
            timed_seconds_bucket{le="0.1"} 4.0 # {trace_id="4bf92f35"} 0.09 1764331200.0
            """);

    @Test
    void samplesAreSummedByTheirLabel() {
        assertThat(EXPOSITION.sum("jvm_memory_used_bytes", "area", "heap")).isEqualTo(15_000_002);
        assertThat(EXPOSITION.sum("jvm_memory_used_bytes", "area", "none")).isZero();
    }

    @Test
    void samplesWithoutLabelsCount() {
        assertThat(EXPOSITION.sum("plain_total")).isEqualTo(3);
    }

    @Test
    void anExemplarAfterTheValueIsNotTheValue() {
        List<Double> values = new ArrayList<>();

        EXPOSITION.forEach("timed_seconds_bucket", (labels, value) -> {
            assertThat(labels).containsEntry("le", "0.1");
            values.add(value);
        });

        assertThat(values).containsExactly(4.0);
    }
}
