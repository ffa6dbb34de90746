// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class VcpuPropertiesTest {
    @Test
    void theDefaultsAreThese() {
        assertThat(bound(Map.of()))
                .isEqualTo(new VcpuProperties(
                        "localhost:7002",
                        "localhost:7003",
                        2_147_483_648L,
                        1024,
                        16_384,
                        1024,
                        262_144,
                        512,
                        65_536,
                        33_554_432,
                        4096,
                        16_777_216,
                        5000,
                        5000,
                        10,
                        2000,
                        50,
                        500,
                        3000,
                        32,
                        "",
                        1 << 20,
                        5000,
                        0));
    }

    @Test
    void theNamesAreThese() {
        VcpuProperties properties = bound(Map.ofEntries(
                Map.entry("faultline.vcpu.pager-target", "pager:1"),
                Map.entry("faultline.vcpu.notifier-target", "notifier:2"),
                Map.entry("faultline.vcpu.frames-max-bytes", "3145728"),
                Map.entry("faultline.vcpu.vms-max", "4"),
                Map.entry("faultline.vcpu.vcpus-max", "12"),
                Map.entry("faultline.vcpu.streams-max", "13"),
                Map.entry("faultline.vcpu.faults-max", "14"),
                Map.entry("faultline.vcpu.client-vms-max", "15"),
                Map.entry("faultline.vcpu.client-faults-max", "16"),
                Map.entry("faultline.vcpu.memory-calls-max-bytes", "1500000"),
                Map.entry("faultline.vcpu.faults-in-flight-max", "5"),
                Map.entry("faultline.vcpu.stores-in-flight-max-bytes", "65536"),
                Map.entry("faultline.vcpu.pager-timeout-ms", "11"),
                Map.entry("faultline.vcpu.notifier-timeout-ms", "16"),
                Map.entry("faultline.vcpu.tick-ms", "6"),
                Map.entry("faultline.vcpu.peer-wait-ms", "7"),
                Map.entry("faultline.vcpu.reconnect-min-ms", "8"),
                Map.entry("faultline.vcpu.reconnect-max-ms", "9"),
                Map.entry("faultline.vcpu.drain-ms", "10"),
                Map.entry("faultline.vcpu.prefetch-pages-max", "12"),
                Map.entry("faultline.vcpu.working-set-directory", "sets"),
                Map.entry("faultline.vcpu.working-set-pages-per-s", "13"),
                Map.entry("faultline.vcpu.working-set-pages-max", "14"),
                Map.entry("faultline.vcpu.trace-one-in", "11")));

        assertThat(properties)
                .isEqualTo(new VcpuProperties(
                        "pager:1",
                        "notifier:2",
                        3_145_728,
                        4,
                        12,
                        13,
                        14,
                        15,
                        16,
                        1_500_000,
                        5,
                        65_536,
                        11,
                        16,
                        6,
                        7,
                        8,
                        9,
                        10,
                        12,
                        "sets",
                        14,
                        13,
                        11));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            frames-max-bytes     | 1048575 | faultline.vcpu.frames-max-bytes: 1048575 (expected: >= 1048576)
            vms-max              | 0       | faultline.vcpu.vms-max: 0 (expected: 1 to 1048576)
            vcpus-max            | 0       | faultline.vcpu.vcpus-max: 0 (expected: 1 to 1048576)
            streams-max          | 2147483647 | faultline.vcpu.streams-max: 2147483647 (expected: 1 to 1048576)
            faults-max           | 2147483647 | faultline.vcpu.faults-max: 2147483647 (expected: 1 to 16777216)
            client-vms-max       | 0       | faultline.vcpu.client-vms-max: 0 (expected: 1 to 1048576)
            client-vms-max       | 2147483647 | faultline.vcpu.client-vms-max: 2147483647 (expected: 1 to 1048576)
            client-faults-max    | 0       | faultline.vcpu.client-faults-max: 0 (expected: 1 to 16777216)
            client-faults-max    | 2147483647 | faultline.vcpu.client-faults-max: 2147483647 (expected: 1 to 16777216)
            memory-calls-max-bytes | 1048575 | faultline.vcpu.memory-calls-max-bytes: 1048575 (expected: >= 1048576)
            faults-in-flight-max | -1      | faultline.vcpu.faults-in-flight-max: -1 (expected: 1 to 1048576)
            stores-in-flight-max-bytes | 65535 | faultline.vcpu.stores-in-flight-max-bytes: 65535 (expected: >= 65536)
            pager-timeout-ms     | 9       | faultline.vcpu.pager-timeout-ms: 9 (expected: >= 10)
            tick-ms              | 0       | faultline.vcpu.tick-ms: 0 (expected: >= 1)
            peer-wait-ms       | -1      | faultline.vcpu.peer-wait-ms: -1 (expected: >= 0)
            reconnect-min-ms     | 0       | faultline.vcpu.reconnect-min-ms: 0 (expected: >= 1)
            reconnect-max-ms     | 49      | faultline.vcpu.reconnect-max-ms: 49 (expected: >= 50)
            drain-ms             | -1      | faultline.vcpu.drain-ms: -1 (expected: >= 0)
            prefetch-pages-max   | 33      | faultline.vcpu.prefetch-pages-max: 33 (expected: 0 to 32)
            prefetch-pages-max   | -1      | faultline.vcpu.prefetch-pages-max: -1 (expected: 0 to 32)
            trace-one-in         | -1      | faultline.vcpu.trace-one-in: -1 (expected: >= 0)
            """)
    void aSettingOutOfRangeIsNamedWithItsValue(String name, String value, String message) {
        assertThatThrownBy(() -> bound(Map.of("faultline.vcpu." + name, value)))
                .hasRootCauseInstanceOf(IllegalArgumentException.class)
                .hasRootCauseMessage(message);
    }

    private static VcpuProperties bound(Map<String, String> settings) {
        return new Binder(new MapConfigurationPropertySource(settings))
                .bindOrCreate("faultline.vcpu", VcpuProperties.class);
    }
}
