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

class ClientPropertiesTest {
    @Test
    void theDefaultsAreThese() {
        assertThat(bound(Map.of())).isEqualTo(new ClientProperties(128, 512, 128, 20_000, 10_000, 1_000_000));
    }

    @Test
    void theNamesAreThese() {
        assertThat(bound(Map.of(
                        "faultline.rpc.client.connections-max", "1",
                        "faultline.rpc.client.streams-max", "2",
                        "faultline.rpc.client.calls-max", "3",
                        "faultline.rpc.client.calls-per-s", "4",
                        "faultline.rpc.client.request-timeout-ms", "5",
                        "faultline.rpc.client.records-per-s", "6")))
                .isEqualTo(new ClientProperties(1, 2, 3, 4, 5, 6));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            connections-max | 0          | 0 (expected: 1 to 1048576
            connections-max | 2147483647 | 2147483647 (expected: 1 to 1048576
            streams-max     | -1         | -1 (expected: 1 to 1048576
            streams-max     | 2147483647 | 2147483647 (expected: 1 to 1048576
            calls-max       | 0          | 0 (expected: 1 to 1048576
            calls-max       | 2147483647 | 2147483647 (expected: 1 to 1048576
            calls-per-s     | 0          | 0 (expected: 1 to 1000000
            calls-per-s     | 2147483647 | 2147483647 (expected: 1 to 1000000
            request-timeout-ms | 0       | 0 (expected: 1 to 600000
            request-timeout-ms | 2147483647 | 2147483647 (expected: 1 to 600000
            records-per-s   | 0          | 0 (expected: 1 to 100000000
            records-per-s   | 2147483647 | 2147483647 (expected: 1 to 100000000
            """)
    void noLimitCanBeTurnedOff(String name, String value, String message) {
        assertThatThrownBy(() -> bound(Map.of("faultline.rpc.client." + name, value)))
                .hasRootCauseMessage(
                        "faultline.rpc.client." + name + ": " + message + "; a client's limit cannot be turned off)");
    }

    private static ClientProperties bound(Map<String, String> settings) {
        return new Binder(new MapConfigurationPropertySource(settings))
                .bindOrCreate("faultline.rpc.client", ClientProperties.class);
    }
}
