// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class AuditPropertiesTest {
    @Test
    void theDefaultsAreTheDocumentedOnes() {
        assertThat(bind(Map.of()))
                .isEqualTo(new AuditProperties(
                        true,
                        true,
                        "127.0.0.1:9092",
                        "",
                        "faultline.audit",
                        3,
                        "",
                        65_536,
                        5,
                        50,
                        1 << 20,
                        32L << 20,
                        10_000,
                        5_000,
                        "",
                        256 << 20));
    }

    @Test
    void theNamesAreTheDocumentedOnes() {
        assertThat(bind(Map.ofEntries(
                        Map.entry("faultline.audit.enabled", "false"),
                        Map.entry("faultline.audit.required", "false"),
                        Map.entry("faultline.audit.bootstrap-servers", "a:1,b:2"),
                        Map.entry("faultline.audit.kafka-client-file", "k"),
                        Map.entry("faultline.audit.topic", "t"),
                        Map.entry("faultline.audit.partitions", "5"),
                        Map.entry("faultline.audit.instance", "i"),
                        Map.entry("faultline.audit.ring-steps", "128"),
                        Map.entry("faultline.audit.wake-ms", "7"),
                        Map.entry("faultline.audit.linger-ms", "8"),
                        Map.entry("faultline.audit.batch-bytes", "2048"),
                        Map.entry("faultline.audit.buffer-bytes", "4096"),
                        Map.entry("faultline.audit.connect-timeout-ms", "900"),
                        Map.entry("faultline.audit.close-timeout-ms", "10"),
                        Map.entry("faultline.audit.spool-directory", "s"),
                        Map.entry("faultline.audit.spool-max-bytes", "1048576"))))
                .isEqualTo(new AuditProperties(
                        false, false, "a:1,b:2", "k", "t", 5, "i", 128, 7, 8, 2_048, 4_096, 900, 10, "s", 1L << 20));
    }

    @Test
    void aValueOutOfRangeIsNamedWithItsRange() {
        assertThatThrownBy(() -> bind(Map.of("faultline.audit.ring-steps", "63")))
                .rootCause()
                .hasMessage("faultline.audit.ring-steps: 63 (expected: 64 to 16777216)");
        assertThatThrownBy(() -> bind(Map.of("faultline.audit.buffer-bytes", "1")))
                .rootCause()
                .hasMessageStartingWith("faultline.audit.buffer-bytes: 1 (expected: 2097152 to ");
    }

    private static AuditProperties bind(Map<String, String> values) {
        return new Binder(new MapConfigurationPropertySource(values))
                .bindOrCreate("faultline.audit", AuditProperties.class);
    }
}
