// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import io.faultline.rpc.StreamMeter.Direction;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/** Meters the calls that a service answers. Loop thread only. */
final class ServerCallMetering implements ServerInterceptor {
    private final StreamMeters meters;

    ServerCallMetering(StreamMeters meters) {
        this.meters = meters;
    }

    @Override
    public <I, O> ServerCall.Listener<I> interceptCall(
            ServerCall<I, O> call, Metadata headers, ServerCallHandler<I, O> next) {
        String method = call.getMethodDescriptor().getFullMethodName();
        MeteredCall<I, O> metered = new MeteredCall<>(call, method, meters.of(method));
        return metered.listening(next.startCall(metered, headers));
    }

    /** One call, counted once when it ends, whichever way. */
    private final class MeteredCall<I, O> extends SimpleForwardingServerCall<I, O> {
        private final String method;
        private final @Nullable StreamMeter meter;
        private boolean ended;

        MeteredCall(ServerCall<I, O> call, String method, @Nullable StreamMeter meter) {
            super(call);
            this.method = method;
            this.meter = meter;
            if (meter != null) {
                meter.opened();
            }
        }

        @Override
        public void sendMessage(O message) {
            if (meter != null) {
                meter.message(Direction.OUT, message);
            }
            super.sendMessage(message);
        }

        @Override
        public void close(Status status, Metadata trailers) {
            end(status.getCode());
            super.close(status, trailers);
        }

        private void end(Status.Code code) {
            if (!ended) {
                ended = true;
                if (meter != null) {
                    meter.closed();
                }
                meters.ended(method, code.name());
            }
        }

        ServerCall.Listener<I> listening(ServerCall.Listener<I> listener) {
            return new SimpleForwardingServerCallListener<>(listener) {
                @Override
                public void onMessage(I message) {
                    if (meter != null) {
                        meter.message(Direction.IN, message);
                    }
                    super.onMessage(message);
                }

                @Override
                public void onCancel() {
                    end(Status.Code.CANCELLED);
                    super.onCancel();
                }
            };
        }
    }

    /** Meters streams' bytes. */
    static final class Bytes extends ServerStreamTracer.Factory {
        private static final ServerStreamTracer NONE = new ServerStreamTracer() {};

        private final StreamMeters meters;

        Bytes(StreamMeters meters) {
            this.meters = meters;
        }

        @Override
        public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
            StreamMeter meter = meters.of(fullMethodName);
            return meter == null ? NONE : new Tracer(meter);
        }
    }

    private static final class Tracer extends ServerStreamTracer {
        private final StreamMeter meter;

        Tracer(StreamMeter meter) {
            this.meter = meter;
        }

        @Override
        public void inboundWireSize(long bytes) {
            meter.bytes(Direction.IN, bytes);
        }

        @Override
        public void outboundWireSize(long bytes) {
            meter.bytes(Direction.OUT, bytes);
        }
    }
}
