// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import io.grpc.Attributes;

/** Names the client at the other end of a connection: clients of one name share their limits. */
@FunctionalInterface
public interface ClientNames {
    /**
     * The name, short enough for a sentence.
     *
     * @param connection what gRPC knows of it, once both sides have agreed on how to talk
     */
    String of(Attributes connection);
}
