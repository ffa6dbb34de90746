// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;

/**
 * Refuses calls beyond a bound: all but the streams of batches, which have bounds of their own. A call counts until its answer
 * has left or it was broken off, so answers that are not read count too. Loop thread only.
 */
final class CallLimit implements ServerInterceptor {
    private final int max;
    private int open;

    /** No calls yet, and at most {@code max} at once. */
    CallLimit(int max) {
        this.max = max;
    }

    @Override
    public <I, O> ServerCall.Listener<I> interceptCall(
            ServerCall<I, O> call, Metadata headers, ServerCallHandler<I, O> next) {
        if (StreamKind.of(call.getMethodDescriptor().getFullMethodName()) != null) {
            return next.startCall(call, headers);
        }
        if (open >= max) {
            call.close(
                    Status.RESOURCE_EXHAUSTED.withDescription(
                            "calls: " + open + " are under way (expected: < " + max + ", faultline.rpc.calls-max)"),
                    new Metadata());
            return new ServerCall.Listener<>() {};
        }
        ServerCall.Listener<I> listener = next.startCall(call, headers);
        open++;
        return new SimpleForwardingServerCallListener<>(listener) {
            @Override
            public void onComplete() {
                open--;
                super.onComplete();
            }

            @Override
            public void onCancel() {
                open--;
                super.onCancel();
            }
        };
    }
}
