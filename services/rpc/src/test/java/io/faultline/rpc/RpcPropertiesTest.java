// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class RpcPropertiesTest {
    @Test
    void theDefaultsAreThese() {
        assertThat(bound(Map.of())).isEqualTo(new RpcProperties(256, 256, 256 << 10, 2 << 20));
    }

    @Test
    void theNamesAreThese() {
        assertThat(bound(Map.of(
                        "faultline.rpc.connections-max", "1",
                        "faultline.rpc.calls-max", "2",
                        "faultline.rpc.window-bytes", "30000",
                        "faultline.rpc.message-max-bytes", "400000")))
                .isEqualTo(new RpcProperties(1, 2, 30_000, 400_000));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            connections-max   | 0     | 0 (expected: 1 to 1048576)
            calls-max         | 0     | 0 (expected: 1 to 1048576)
            window-bytes      | 16383 | 16383 (expected: 16384 to 1073741824)
            message-max-bytes | 65535 | 65535 (expected: 65536 to 67108864)
            """)
    void aSettingOutOfRangeIsNamedWithItsValue(String name, String value, String message) {
        assertThatThrownBy(() -> bound(Map.of("faultline.rpc." + name, value)))
                .hasRootCauseMessage("faultline.rpc." + name + ": " + message);
    }

    private static RpcProperties bound(Map<String, String> settings) {
        return new Binder(new MapConfigurationPropertySource(settings))
                .bindOrCreate("faultline.rpc", RpcProperties.class);
    }
}
