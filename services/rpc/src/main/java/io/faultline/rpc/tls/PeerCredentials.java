// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc.tls;

import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;

/** What a party shows to the services that it connects to, and what it wants to see of them. */
@FunctionalInterface
public interface PeerCredentials {
    /** Plain text: shows nothing and asks for nothing. For loopback, and networks that somebody else guards. */
    PeerCredentials PLAIN_TEXT = _ -> InsecureChannelCredentials.create();

    /** The credentials toward a service, named such as {@code vcpu-service}. */
    ChannelCredentials toward(String service);
}
