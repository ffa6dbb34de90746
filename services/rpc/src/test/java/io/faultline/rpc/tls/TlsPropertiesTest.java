// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class TlsPropertiesTest {
    @Test
    void theDefaultsAreThese() {
        assertThat(bound(Map.of())).isEqualTo(new TlsProperties("", "", "", 10_000));
        assertThat(bound(Map.of()).isOn()).isFalse();
    }

    @Test
    void theNamesAreThese() {
        TlsProperties properties = bound(Map.of(
                "faultline.tls.ca-file", "ca.pem",
                "faultline.tls.certificate-file", "tls.pem",
                "faultline.tls.key-file", "tls.key",
                "faultline.tls.reload-ms", "500"));

        assertThat(properties).isEqualTo(new TlsProperties("ca.pem", "tls.pem", "tls.key", 500));
        assertThat(properties.isOn()).isTrue();
        assertThat(properties.files())
                .isEqualTo(new TlsFiles(Path.of("ca.pem"), Path.of("tls.pem"), Path.of("tls.key")));
    }

    @ParameterizedTest
    @CsvSource({"ca.pem,'',''", "'',tls.pem,''", "'','',tls.key", "ca.pem,tls.pem,''"})
    void oneFileWithoutTheOthersIsRefusedNotPlainText(String ca, String certificate, String key) {
        assertThatThrownBy(() -> bound(Map.of(
                        "faultline.tls.ca-file", ca,
                        "faultline.tls.certificate-file", certificate,
                        "faultline.tls.key-file", key)))
                .hasRootCauseMessage("faultline.tls: ca-file '" + ca + "', certificate-file '" + certificate
                        + "', key-file '" + key + "' (expected: all three, or none)");
    }

    @ParameterizedTest
    @ValueSource(ints = {99, 3_600_001})
    void aReloadOutOfRangeIsNamedWithItsValue(int reloadMs) {
        assertThatThrownBy(() -> bound(Map.of("faultline.tls.reload-ms", Integer.toString(reloadMs))))
                .hasRootCauseMessage("faultline.tls.reload-ms: " + reloadMs + " (expected: 100 to 3600000)");
    }

    private static TlsProperties bound(Map<String, String> settings) {
        return new Binder(new MapConfigurationPropertySource(settings))
                .bindOrCreate("faultline.tls", TlsProperties.class);
    }
}
