// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import io.faultline.rpc.tls.Identity;
import io.grpc.Attributes;
import io.grpc.Grpc;

/** Names clients by their certificates, wherever they come from; one without is refused anyway, and named by its address. */
final class CertifiedNames implements ClientNames {
    private final ClientNames others;

    CertifiedNames(ClientNames others) {
        this.others = others;
    }

    @Override
    public String of(Attributes connection) {
        Identity identity = Identity.ofPeer(connection.get(Grpc.TRANSPORT_ATTR_SSL_SESSION));
        return identity == null ? others.of(connection) : identity.label();
    }
}
