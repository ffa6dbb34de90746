// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc.page;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;

/**
 * Ends a stream at its first refused batch with that batch's status; the handler behind sees a cancelled call. Each
 * call's listener is owned by that call's executor.
 */
final class WellFormedOnly implements ServerCallHandler<IncomingPageRequests, OutgoingPageReplies> {
    private final ServerCallHandler<IncomingPageRequests, OutgoingPageReplies> handler;

    WellFormedOnly(ServerCallHandler<IncomingPageRequests, OutgoingPageReplies> handler) {
        this.handler = handler;
    }

    @Override
    public ServerCall.Listener<IncomingPageRequests> startCall(
            ServerCall<IncomingPageRequests, OutgoingPageReplies> call, Metadata headers) {
        return new Listener(handler.startCall(call, headers), call);
    }

    private static final class Listener extends SimpleForwardingServerCallListener<IncomingPageRequests> {
        private final ServerCall<IncomingPageRequests, OutgoingPageReplies> call;
        private boolean refused;

        Listener(
                ServerCall.Listener<IncomingPageRequests> handler,
                ServerCall<IncomingPageRequests, OutgoingPageReplies> call) {
            super(handler);
            this.call = call;
        }

        @Override
        public void onMessage(IncomingPageRequests batch) {
            Status refusal = batch.refusal();
            if (refused) {
                batch.close();
            } else if (refusal != null) {
                refused = true;
                call.close(refusal, new Metadata());
                super.onCancel();
            } else {
                super.onMessage(batch);
            }
        }

        @Override
        public void onHalfClose() {
            if (!refused) {
                super.onHalfClose();
            }
        }

        @Override
        public void onReady() {
            if (!refused) {
                super.onReady();
            }
        }

        @Override
        public void onCancel() {
            if (!refused) {
                super.onCancel();
            }
        }

        @Override
        public void onComplete() {
            if (!refused) {
                super.onComplete();
            }
        }
    }
}
