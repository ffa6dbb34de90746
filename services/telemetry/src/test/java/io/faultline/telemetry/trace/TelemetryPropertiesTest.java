// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.telemetry.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class TelemetryPropertiesTest {
    @Test
    void noTracesAreSentByDefault() {
        assertThat(bound(Map.of())).isEqualTo(new TelemetryProperties(""));
        assertThat(bound(Map.of()).isOn()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://collector:4318", "http://collector:4318/", "https://collector"})
    void theEndpointIsTheCollectorsOwnAndSpansGoBelowIt(String endpoint) {
        TelemetryProperties properties = bound(Map.of("faultline.telemetry.otlp-endpoint", endpoint));

        assertThat(properties.isOn()).isTrue();
        assertThat(properties.tracesUrl()).matches("https?://collector(:4318)?/v1/traces");
    }

    @ParameterizedTest
    @ValueSource(strings = {"collector:4317", "grpc://collector:4317", "http:///", "http://a b", "http://c/?x=1", "x"})
    void whatIsNoCollectorIsRefusedWithItsValue(String endpoint) {
        assertThatThrownBy(() -> bound(Map.of("faultline.telemetry.otlp-endpoint", endpoint)))
                .hasRootCauseInstanceOf(IllegalArgumentException.class)
                .hasRootCauseMessage("faultline.telemetry.otlp-endpoint: " + endpoint
                        + " (expected: http://HOST:PORT or https://HOST:PORT of a collector that takes OTLP over HTTP,"
                        + " or nothing)");
    }

    private static TelemetryProperties bound(Map<String, String> settings) {
        return new Binder(new MapConfigurationPropertySource(settings))
                .bindOrCreate("faultline.telemetry", TelemetryProperties.class);
    }
}
