// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.deploy.compose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ComposeReaderTest {
    private static final String REST = "\nnetworks: {}\nvolumes: {}\n";

    @Test
    void aMisspeltKeyIsRefused() {
        assertThatThrownBy(() -> ComposeReader.read("services: {a: {image: b, read-only: true}}" + REST))
                .hasMessageContaining("read-only");
    }

    @Test
    void anUnquotedNumberInTheEnvironmentIsRefused() {
        assertThatThrownBy(() -> ComposeReader.read("services: {a: {image: b, environment: {C: 1}}}" + REST))
                .hasMessageContaining("String");
    }

    @Test
    void aServiceGivenTwiceIsRefused() {
        assertThatThrownBy(() -> ComposeReader.read("services: {a: {image: b}, a: {image: c}}" + REST))
                .hasMessageContaining("duplicate key a");
    }

    @Test
    void variablesStandForTheirDefaultsAndAnchorsAreMerged() {
        ComposeFile file = ComposeReader.read("""
                x-common: &common {user: "1:1", image: "a:${TAG:-dev}"}
                services:
                  a: {<<: *common, hostname: b}
                networks: {}
                volumes: {}
                """);

        ComposeFile.Service service = file.service("a");
        assertThat(service.image()).isEqualTo("a:dev");
        assertThat(service.user()).isEqualTo("1:1");
        assertThat(service.hostname()).isEqualTo("b");
    }
}
