// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Ends calls whose one request does not come: who sends a call's headers and nothing else would hold its place for ever. Calls
 * that stream are not timed, their senders may be silent. Loop thread only.
 */
final class RequestDeadline implements ServerInterceptor {
    private final ServiceLoop loop;
    private final int timeoutMs;

    /** A deadline of so many milliseconds after a call's headers. */
    RequestDeadline(ServiceLoop loop, int timeoutMs) {
        this.loop = loop;
        this.timeoutMs = timeoutMs;
    }

    @Override
    public <I, O> ServerCall.Listener<I> interceptCall(
            ServerCall<I, O> call, Metadata headers, ServerCallHandler<I, O> next) {
        ServerCall.Listener<I> listener = next.startCall(call, headers);
        return call.getMethodDescriptor().getType() == MethodType.UNARY ? new Timed<>(listener, call) : listener;
    }

    private final class Timed<I> extends SimpleForwardingServerCallListener<I> {
        private final ServerCall<I, ?> call;
        private final Future<?> deadline;
        private boolean isLate;

        Timed(ServerCall.Listener<I> listener, ServerCall<I, ?> call) {
            super(listener);
            this.call = call;
            deadline = loop.schedule(this::late, TimeUnit.MILLISECONDS.toNanos(timeoutMs));
        }

        private void late() {
            isLate = true;
            Client client = call.getAttributes().get(Client.ATTRIBUTE);
            if (client != null) {
                client.refused(ClientLimit.REQUEST_TIME);
            }
            call.close(
                    Status.DEADLINE_EXCEEDED.withDescription(
                            "request: not here " + timeoutMs
                                    + " ms after the call's headers (expected: sooner, faultline.rpc.client.request-timeout-ms)"),
                    new Metadata());
        }

        @Override
        public void onMessage(I message) {
            if (!isLate) {
                super.onMessage(message);
            }
        }

        @Override
        public void onHalfClose() {
            if (!isLate) {
                deadline.cancel(false);
                super.onHalfClose();
            }
        }

        @Override
        public void onCancel() {
            deadline.cancel(false);
            super.onCancel();
        }

        @Override
        public void onComplete() {
            deadline.cancel(false);
            super.onComplete();
        }
    }
}
