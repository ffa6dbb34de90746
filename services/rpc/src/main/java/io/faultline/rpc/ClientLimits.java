// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Holds each client to its limits of streams, calls and rates, and has handlers know whose call they handle. Streams beyond their
 * rate of records wait; whatever else is beyond is refused. Loop thread only.
 */
final class ClientLimits implements ServerInterceptor {
    private final ServiceLoop loop;
    private final ClientProperties limits;

    ClientLimits(ServiceLoop loop, ClientProperties limits) {
        this.loop = loop;
        this.limits = limits;
    }

    @Override
    public <I, O> ServerCall.Listener<I> interceptCall(
            ServerCall<I, O> call, Metadata headers, ServerCallHandler<I, O> next) {
        Client client = Objects.requireNonNull(call.getAttributes().get(Client.ATTRIBUTE), "client");
        boolean isStream = StreamKind.of(call.getMethodDescriptor().getFullMethodName()) != null;
        Refusal refusal = isStream ? streamRefusal(client) : callRefusal(client);
        if (refusal != null) {
            client.refused(refusal.limit);
            call.close(Status.RESOURCE_EXHAUSTED.withDescription(refusal.sentence), new Metadata());
            return new ServerCall.Listener<>() {};
        }
        return isStream ? stream(client, call, headers, next) : call(client, call, headers, next);
    }

    private @Nullable Refusal streamRefusal(Client client) {
        return client.held(ClientLimit.STREAMS) < limits.streamsMax()
                ? null
                : new Refusal(
                        ClientLimit.STREAMS,
                        "streams of client " + client.name() + ": " + client.held(ClientLimit.STREAMS)
                                + " are open (expected: < " + limits.streamsMax()
                                + ", faultline.rpc.client.streams-max)");
    }

    private @Nullable Refusal callRefusal(Client client) {
        if (client.held(ClientLimit.CALLS) >= limits.callsMax()) {
            return new Refusal(
                    ClientLimit.CALLS,
                    "calls of client " + client.name() + ": " + client.held(ClientLimit.CALLS)
                            + " are under way (expected: < " + limits.callsMax() + ", faultline.rpc.client.calls-max)");
        }
        if (client.calls().isSpent() && client.calls().waitNs(loop.nowNs()) > 0) {
            return new Refusal(
                    ClientLimit.CALL_RATE,
                    "calls of client " + client.name() + ": too many a second (expected: at most " + limits.callsPerS()
                            + ", faultline.rpc.client.calls-per-s)");
        }
        client.calls().take(1);
        return null;
    }

    /* A stream's handler runs once, so only then does it have to be told whose stream it is. */
    private <I, O> ServerCall.Listener<I> stream(
            Client client, ServerCall<I, O> call, Metadata headers, ServerCallHandler<I, O> next) {
        Context context = client.context();
        Context before = context.attach();
        ServerCall.Listener<I> listener;
        try {
            listener = next.startCall(new PacedCall<>(loop, client, call), headers);
        } finally {
            context.detach(before);
        }
        return new Held<>(listener, client, ClientLimit.STREAMS) {
            @Override
            public void onMessage(I message) {
                client.records().take(StreamMeter.recordsOf(message));
                super.onMessage(message);
            }
        };
    }

    private static <I, O> ServerCall.Listener<I> call(
            Client client, ServerCall<I, O> call, Metadata headers, ServerCallHandler<I, O> next) {
        return new Held<>(Contexts.interceptCall(client.context(), call, headers, next), client, ClientLimit.CALLS);
    }

    private record Refusal(ClientLimit limit, String sentence) {}

    /** What is held for a client until its call ends, whichever way. */
    private static class Held<I> extends SimpleForwardingServerCallListener<I> {
        private final Client client;
        private final ClientLimit what;

        Held(ServerCall.Listener<I> listener, Client client, ClientLimit what) {
            super(listener);
            this.client = client;
            this.what = what;
            client.hold(what);
        }

        @Override
        public void onComplete() {
            client.release(what);
            super.onComplete();
        }

        @Override
        public void onCancel() {
            client.release(what);
            super.onCancel();
        }
    }

    /** A stream that is read only while its client is within its rate. */
    private static final class PacedCall<I, O> extends SimpleForwardingServerCall<I, O> {
        private final ServiceLoop loop;
        private final Client client;

        PacedCall(ServiceLoop loop, Client client, ServerCall<I, O> call) {
            super(call);
            this.loop = loop;
            this.client = client;
        }

        @Override
        public void request(int messages) {
            long waitNs = client.records().isSpent() ? client.records().waitNs(loop.nowNs()) : 0;
            if (waitNs == 0) {
                super.request(messages);
            } else {
                client.refused(ClientLimit.RECORD_RATE);
                loop.executeAfter(() -> request(messages), waitNs);
            }
        }
    }
}
