// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.faultline.authority.TestAuthority;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateRemainingTest {
    private static final String SERVICE = "spiffe://faultline/service/vcpu-service";
    private static final double DAY_S = 86_400;
    private static final double MINUTE_S = 60;

    @TempDir
    private Path directory;

    private final TestAuthority authority = new TestAuthority();
    private Instant now = Instant.now();

    @Test
    void itRunsDownAndIsBackAfterARenewal() {
        authority.issue(directory, "tls", SERVICE);
        TlsCredentials credentials = load();
        assertThat(remainingS(credentials)).isCloseTo(DAY_S, within(MINUTE_S));

        now = now.plus(Duration.ofHours(23));
        assertThat(remainingS(credentials)).isCloseTo(DAY_S / 24, within(MINUTE_S));

        now = now.minus(Duration.ofHours(23));
        authority.issueExpired(directory, "tls", SERVICE);
        credentials.reload();
        assertThat(remainingS(credentials)).isNegative();

        authority.issue(directory, "tls", SERVICE);
        credentials.reload();
        assertThat(remainingS(credentials)).isCloseTo(DAY_S, within(MINUTE_S));
    }

    @Test
    void withoutACertificateThereIsNoNumber() {
        assertThat(remainingS(PeerCredentials.PLAIN_TEXT)).isNaN();
    }

    private TlsCredentials load() {
        return TlsCredentials.load(
                new TlsFiles(directory.resolve("ca.pem"), directory.resolve("tls.pem"), directory.resolve("tls.key")));
    }

    private double remainingS(PeerCredentials credentials) {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        new CertificateRemaining(credentials, () -> now).bindTo(registry);
        return registry.get("faultline.rpc.certificate.remaining").gauge().value();
    }
}
