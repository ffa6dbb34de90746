// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.processes.Exposition;
import org.junit.jupiter.api.Test;

class VcpuMetersTest {
    @Test
    void countersAreSummedOverTheirTags() {
        VcpuMeters meters = VcpuMeters.of(new Exposition("""
                # TYPE faultline_vcpu_fetches_total counter
                faultline_vcpu_fetches_total 12345.0
                faultline_vcpu_fetches_total_more 9.0
                faultline_vcpu_peer_timeouts_total{peer="pager"} 4.0
                faultline_vcpu_peer_timeouts_total{peer="other"} 3.0
                """));

        assertThat(meters).isEqualTo(new VcpuMeters(12_345, 7));
    }

    @Test
    void aCounterThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> VcpuMeters.of(new Exposition("faultline_vcpu_fetches_total 1.0")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no metric faultline_vcpu_peer_timeouts_total");
    }
}
