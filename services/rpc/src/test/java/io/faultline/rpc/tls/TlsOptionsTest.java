// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.authority.TestAuthority;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class TlsOptionsTest {
    @TempDir
    private Path directory;

    @BeforeEach
    void issue() {
        new TestAuthority().issue(directory, "tls", "spiffe://faultline/client/me");
    }

    @Test
    void withoutAnythingItIsPlainText() {
        assertThat(credentials(Map.of())).isSameAs(PeerCredentials.PLAIN_TEXT);
        assertThat(credentials(Map.of("TLS_CA_FILE", "", "TLS_CERTIFICATE_FILE", "", "TLS_KEY_FILE", "")))
                .isSameAs(PeerCredentials.PLAIN_TEXT);
    }

    @Test
    void theEnvironmentSaysWhatTheOptionsDoNot() {
        Map<String, String> environment = Map.of(
                "TLS_CA_FILE",
                file("ca.pem"),
                "TLS_CERTIFICATE_FILE",
                file("tls.pem"),
                "TLS_KEY_FILE",
                file("tls.key"));

        assertThat(credentials(environment)).isInstanceOf(TlsCredentials.class);
    }

    @Test
    void optionsAreNotMixedWithTheEnvironment() {
        assertThatThrownBy(() -> credentials(
                        Map.of("TLS_CERTIFICATE_FILE", file("tls.pem"), "TLS_KEY_FILE", file("tls.key")),
                        "--tls-ca=" + file("ca.pem")))
                .hasMessage("--tls-ca " + file("ca.pem")
                        + ", --tls-cert null, --tls-key null (expected: all three, or none)");
    }

    private String file(String name) {
        return directory.resolve(name).toString();
    }

    private static PeerCredentials credentials(Map<String, String> environment, String... arguments) {
        Talk talk = new Talk(new TlsOptions(environment));
        new CommandLine(talk).parseArgs(arguments);
        return talk.tls.credentials();
    }

    @Command
    private static final class Talk {
        @Mixin
        private final TlsOptions tls;

        Talk(TlsOptions tls) {
            this.tls = tls;
        }
    }
}
