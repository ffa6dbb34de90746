// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc.access;

import io.faultline.rpc.tls.Identity;
import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerBuilder;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerTransportFilter;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * Lets in whom the rules allow: reads who a connection's client is when it is made, and asks the rules with each call. What a
 * stream carries is not looked at here; its endpoint asks {@link Caller#current} once and holds each VM to that.
 */
public final class Access {
    private static final Attributes.Key<Caller> CALLER = Attributes.Key.create("caller");

    private Access() {}

    /** Has a server hold its callers to the rules; with TLS off, whoever calls is {@link Caller#ANYONE}. */
    public static void on(ServerBuilder<?> server, boolean isTlsOn) {
        server.addTransportFilter(new Identification(isTlsOn));
        server.intercept(new Door());
    }

    /** Runs once a connection. */
    private static final class Identification extends ServerTransportFilter {
        private final boolean isTlsOn;

        Identification(boolean isTlsOn) {
            this.isTlsOn = isTlsOn;
        }

        @Override
        public Attributes transportReady(Attributes connection) {
            Caller caller = isTlsOn ? holder(connection) : Caller.ANYONE;
            return caller == null
                    ? connection
                    : connection.toBuilder().set(CALLER, caller).build();
        }

        /** The handshake has verified the certificate and found an identity in it; were it otherwise, nobody is let in. */
        private static @Nullable Caller holder(Attributes connection) {
            Identity identity = Identity.ofPeer(connection.get(Grpc.TRANSPORT_ATTR_SSL_SESSION));
            return identity == null ? null : Caller.of(identity);
        }
    }

    /** Runs once a call. */
    private static final class Door implements ServerInterceptor {
        @Override
        public <I, O> ServerCall.Listener<I> interceptCall(
                ServerCall<I, O> call, Metadata headers, ServerCallHandler<I, O> next) {
            MethodDescriptor<I, O> method = call.getMethodDescriptor();
            Caller caller = call.getAttributes().get(CALLER);
            String refusal = caller == null
                    ? "caller: unknown (expected: one with a certificate)"
                    : AccessRules.refusal(caller, method.getServiceName(), method.getFullMethodName());
            if (refusal != null) {
                call.close(Status.PERMISSION_DENIED.withDescription(refusal), new Metadata());
                return new ServerCall.Listener<>() {};
            }
            Context context = Context.current().withValue(Caller.CURRENT, caller);
            if (method.getType().clientSendsOneMessage()) {
                // Its method is called when its one message has come.
                return Contexts.interceptCall(context, call, headers, next);
            }
            Context before = context.attach();
            try {
                return next.startCall(call, headers);
            } finally {
                context.detach(before);
            }
        }
    }
}
