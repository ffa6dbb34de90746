// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.authority.TestAuthority;
import io.grpc.Attributes;
import io.grpc.Grpc;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertifiedNamesTest {
    private final ClientNames names = new CertifiedNames(new PeerAddresses());

    @TempDir
    private Path directory;

    @Test
    void aClientIsNamedByItsCertificateWhereverItComesFrom() throws Exception {
        SSLSession session = sessionOf("spiffe://faultline/client/a");

        assertThat(names.of(connection("10.0.0.1", session)))
                .isEqualTo(names.of(connection("10.0.0.2", session)))
                .isEqualTo("client/a");
    }

    @Test
    void clientsBehindOneAddressAreToldApartByTheirCertificates() throws Exception {
        assertThat(names.of(connection("10.0.0.1", sessionOf("spiffe://faultline/client/b"))))
                .isNotEqualTo(names.of(connection("10.0.0.1", sessionOf("spiffe://faultline/client/a"))));
    }

    @Test
    void withoutACertificateAClientIsNamedByItsAddress() {
        Attributes plain = Attributes.newBuilder()
                .set(Grpc.TRANSPORT_ATTR_REMOTE_ADDR, new InetSocketAddress("10.0.0.1", 1))
                .build();

        assertThat(names.of(plain)).isEqualTo("10.0.0.1");
    }

    private static Attributes connection(String address, SSLSession session) {
        return Attributes.newBuilder()
                .set(Grpc.TRANSPORT_ATTR_REMOTE_ADDR, new InetSocketAddress(address, 1))
                .set(Grpc.TRANSPORT_ATTR_SSL_SESSION, session)
                .build();
    }

    /* A session of which only the peer's certificate is asked for. */
    private SSLSession sessionOf(String uri) throws IOException, CertificateException {
        new TestAuthority().issue(directory, "peer", uri);
        try (InputStream pem = Files.newInputStream(directory.resolve("peer.pem"))) {
            Certificate[] chain = {CertificateFactory.getInstance("X.509").generateCertificate(pem)};
            return (SSLSession) Proxy.newProxyInstance(
                    SSLSession.class.getClassLoader(), new Class<?>[] {SSLSession.class}, (_, method, _) -> {
                        if (method.getName().equals("getPeerCertificates")) {
                            return chain;
                        }
                        throw new UnsupportedOperationException(method.getName());
                    });
        }
    }
}
