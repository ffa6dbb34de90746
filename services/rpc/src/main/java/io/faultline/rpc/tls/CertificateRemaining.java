// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc.tls;

import io.faultline.telemetry.Meters;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.time.InstantSource;

/** Shows for how long the certificate that a service shows is still good; NaN without one. Any thread. */
final class CertificateRemaining implements MeterBinder {
    private static final double MS_PER_S = 1_000;

    private final PeerCredentials credentials;
    private final InstantSource clock;

    CertificateRemaining(PeerCredentials credentials, InstantSource clock) {
        this.credentials = credentials;
        this.clock = clock;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        new Meters<>(registry, () -> this)
                .seconds(
                        "faultline.rpc.certificate.remaining",
                        "for how long the service's certificate is still good, negative once it is not",
                        CertificateRemaining::remainingS);
    }

    private double remainingS() {
        return credentials instanceof TlsCredentials tls
                ? Duration.between(clock.instant(), tls.expiry()).toMillis() / MS_PER_S
                : Double.NaN;
    }
}
