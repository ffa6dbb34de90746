// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import io.faultline.rpc.StreamMeter.Direction;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientStreamTracer;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;

/** Meters the streams that a service opens to others. Loop thread only. */
final class ClientStreamMetering implements ClientInterceptor {
    private final StreamMeters meters;

    ClientStreamMetering(StreamMeters meters) {
        this.meters = meters;
    }

    @Override
    public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
        StreamMeter meter = meters.of(method.getFullMethodName());
        if (meter == null) {
            return next.newCall(method, options);
        }
        return new MeteredCall<>(next.newCall(method, options.withStreamTracerFactory(new Bytes(meter))), meter);
    }

    private static final class MeteredCall<Q, R> extends SimpleForwardingClientCall<Q, R> {
        private final StreamMeter meter;

        MeteredCall(ClientCall<Q, R> call, StreamMeter meter) {
            super(call);
            this.meter = meter;
        }

        @Override
        public void start(Listener<R> listener, Metadata headers) {
            meter.opened();
            super.start(
                    new SimpleForwardingClientCallListener<>(listener) {
                        @Override
                        public void onMessage(R message) {
                            meter.message(Direction.IN, message);
                            super.onMessage(message);
                        }

                        @Override
                        public void onClose(Status status, Metadata trailers) {
                            meter.closed();
                            super.onClose(status, trailers);
                        }
                    },
                    headers);
        }

        @Override
        public void sendMessage(Q message) {
            meter.message(Direction.OUT, message);
            super.sendMessage(message);
        }
    }

    /** Meters one stream's bytes. */
    private static final class Bytes extends ClientStreamTracer.Factory {
        private final StreamMeter meter;

        Bytes(StreamMeter meter) {
            this.meter = meter;
        }

        @Override
        public ClientStreamTracer newClientStreamTracer(ClientStreamTracer.StreamInfo info, Metadata headers) {
            return new ClientStreamTracer() {
                @Override
                public void inboundWireSize(long bytes) {
                    meter.bytes(Direction.IN, bytes);
                }

                @Override
                public void outboundWireSize(long bytes) {
                    meter.bytes(Direction.OUT, bytes);
                }
            };
        }
    }
}
