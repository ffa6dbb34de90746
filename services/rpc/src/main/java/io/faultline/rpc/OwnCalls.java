// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Context;
import io.grpc.MethodDescriptor;

/**
 * Keeps what a service asks of others apart from what it is asked: gRPC would end a call that began while another was
 * being served together with that one, by its deadline, its client's patience, or its answer.
 */
final class OwnCalls implements ClientInterceptor {
    @Override
    public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
        Context served = Context.ROOT.attach();
        try {
            return next.newCall(method, options);
        } finally {
            Context.ROOT.detach(served);
        }
    }
}
