// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import io.faultline.rpc.tls.Identity;
import io.grpc.Attributes;
import io.grpc.Grpc;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/** Names clients by their certificates, wherever they come from; one without is refused anyway, and named by its address. */
final class CertifiedNames implements ClientNames {
    private final ClientNames others;

    CertifiedNames(ClientNames others) {
        this.others = others;
    }

    @Override
    public String of(Attributes connection) {
        SSLSession session = connection.get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
        try {
            return session != null && session.getPeerCertificates()[0] instanceof X509Certificate certificate
                    ? Identity.of(certificate).label()
                    : others.of(connection);
        } catch (SSLPeerUnverifiedException e) {
            return others.of(connection);
        }
    }
}
