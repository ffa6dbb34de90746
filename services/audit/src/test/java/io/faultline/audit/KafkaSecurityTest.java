// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaSecurityTest {
    @TempDir
    private Path directory;

    @Test
    void whatSecuresAConnectionIsAddedToAClientsSettings() throws IOException {
        KafkaSecurity security = KafkaSecurity.of(file(
                "# of the trail",
                "security.protocol=SASL_SSL",
                "sasl.mechanism=SCRAM-SHA-512",
                "ssl.truststore.location=/etc/kafka/ca.pem"));

        assertThat(security.with(Map.of("acks", "all")))
                .containsOnly(
                        Map.entry("acks", "all"),
                        Map.entry("security.protocol", "SASL_SSL"),
                        Map.entry("sasl.mechanism", "SCRAM-SHA-512"),
                        Map.entry("ssl.truststore.location", "/etc/kafka/ca.pem"));
    }

    @Test
    void noFileIsPlainText() {
        assertThat(KafkaSecurity.of("")).isSameAs(KafkaSecurity.NONE);
        assertThat(KafkaSecurity.NONE.with(Map.of("acks", "all"))).isEqualTo(Map.of("acks", "all"));
    }

    @Test
    void whatIsNotSecurityIsRefusedByName() throws IOException {
        String file = file("security.protocol=SSL", "acks=0");

        assertThatThrownBy(() -> KafkaSecurity.of(file))
                .isInstanceOf(KafkaClientFileException.class)
                .hasMessage("Kafka client file " + file + ": acks (expected: security.protocol, ssl.* and sasl.*)");
    }

    @Test
    void aFileThatCannotBeReadIsNamed() throws IOException {
        String missing = directory.resolve("none").toString();
        Path binary = directory.resolve("binary");
        Files.write(binary, new byte[] {'s', (byte) 0xff, (byte) 0xfe});

        assertThatThrownBy(() -> KafkaSecurity.of(missing))
                .isInstanceOf(KafkaClientFileException.class)
                .hasMessage("Kafka client file " + missing
                        + ": there is no such file (expected: properties security.protocol, ssl.* and sasl.*)");
        assertThatThrownBy(() -> KafkaSecurity.of(binary.toString()))
                .isInstanceOf(KafkaClientFileException.class)
                .hasMessageContaining("it is no text in UTF-8");
    }

    @Test
    void itDoesNotShowWhatItHolds() throws IOException {
        assertThat(KafkaSecurity.of(file("ssl.key.password=opensesame")).toString())
                .contains("ssl.key.password")
                .doesNotContain("opensesame");
    }

    private String file(String... lines) throws IOException {
        return Files.write(directory.resolve("client.properties"), List.of(lines))
                .toString();
    }
}
