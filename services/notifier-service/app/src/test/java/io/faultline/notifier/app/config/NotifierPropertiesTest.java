// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class NotifierPropertiesTest {
    @Test
    void defaults() {
        assertThat(bind(Map.of())).isEqualTo(new NotifierProperties(16_384, 4_096, 1_000, 30_000));
    }

    @Test
    void names() {
        assertThat(bind(Map.of(
                        "faultline.notifier.vcpus-max", "1",
                        "faultline.notifier.guest-streams-max", "2",
                        "faultline.notifier.drain-ms", "3",
                        "faultline.notifier.owner-away-max-ms", "4")))
                .isEqualTo(new NotifierProperties(1, 2, 3, 4));
    }

    @Test
    void aValueOutOfRangeIsNamed() {
        assertThatThrownBy(() -> bind(Map.of("faultline.notifier.vcpus-max", "0")))
                .isInstanceOf(BindException.class)
                .rootCause()
                .hasMessage("faultline.notifier.vcpus-max: 0 (expected: 1 to 4194304)");
    }

    private static NotifierProperties bind(Map<String, String> settings) {
        return new Binder(new MapConfigurationPropertySource(settings))
                .bindOrCreate("faultline.notifier", NotifierProperties.class);
    }
}
