// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.prometheus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class MetricCatalogueTest {
    @Test
    void aTimersPartsAreNamesAndMicrometersNamesAreNot() {
        MetricCatalogue catalogue = MetricCatalogue.of(List.of(
                "| `faultline.vcpu.fault` | `faultline_vcpu_fault_seconds` | timer | `kind` | raised to ended | |",
                "| `faultline.vcpu.faults` | `faultline_vcpu_faults_total` | counter | | faults raised | |"));

        assertThat(catalogue.names())
                .contains("faultline_vcpu_fault_seconds_bucket", "faultline_vcpu_faults_total")
                .doesNotContain(
                        "faultline.vcpu.faults", "faultline_vcpu_faults_total_bucket", "faultline_vcpu_fault_seconds");
    }

    @Test
    void theCatalogueOfTheServicesIsRead() {
        assertThat(MetricCatalogue.read().names())
                .contains("faultline_vcpu_phase_seconds_bucket", "faultline_rpc_batch_records_sum", "jvm_gc_overhead");
    }
}
