// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.conformance;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.HandlerRegistry;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Stands in front of a gRPC service and passes every call on, message by message, through what may change them on the way. It
 * knows no service: messages are bytes here. Without flow control, which the few messages of a test do not need.
 */
final class Proxy implements AutoCloseable {
    /** What may change messages. Called for one call from one thread at a time in each direction. */
    interface Ways {
        /** A message of this method towards the service. */
        void up(String method, byte[] message, Consumer<byte[]> next);

        /** A message of this method from the service. */
        void down(String method, byte[] message, Consumer<byte[]> next);
    }

    private static final int MESSAGE_BYTES_MAX = 5 << 20;
    private static final int UNBOUNDED = Integer.MAX_VALUE;

    private final Ways ways;
    private final ManagedChannel service;
    private final Server server;

    /** A proxy on a port of its own. */
    Proxy(String serviceAddress, Ways ways) {
        this.ways = ways;
        service = NettyChannelBuilder.forTarget(serviceAddress)
                .usePlaintext()
                .maxInboundMessageSize(MESSAGE_BYTES_MAX)
                .build();
        try {
            server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .maxInboundMessageSize(MESSAGE_BYTES_MAX)
                    .permitKeepAliveTime(1, TimeUnit.SECONDS)
                    .fallbackHandlerRegistry(new AnyMethod())
                    .build()
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where it listens. */
    String address() {
        return "127.0.0.1:" + server.getPort();
    }

    @Override
    public void close() {
        server.shutdownNow();
        service.shutdownNow();
        try {
            boolean ended = server.awaitTermination(5, TimeUnit.SECONDS);
            if (!ended) {
                throw new IllegalStateException("a proxy did not end within 5 s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private final class AnyMethod extends HandlerRegistry {
        @Override
        public ServerMethodDefinition<?, ?> lookupMethod(String name, @Nullable String authority) {
            MethodDescriptor<byte[], byte[]> method = MethodDescriptor.<byte[], byte[]>newBuilder()
                    .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                    .setFullMethodName(name)
                    .setRequestMarshaller(new Bytes())
                    .setResponseMarshaller(new Bytes())
                    .build();
            return ServerMethodDefinition.create(method, new Handler(method));
        }
    }

    private final class Handler implements ServerCallHandler<byte[], byte[]> {
        private final MethodDescriptor<byte[], byte[]> method;

        Handler(MethodDescriptor<byte[], byte[]> method) {
            this.method = method;
        }

        @Override
        public ServerCall.Listener<byte[]> startCall(ServerCall<byte[], byte[]> above, Metadata headers) {
            ClientCall<byte[], byte[]> below = service.newCall(method, CallOptions.DEFAULT);
            String name = method.getBareMethodName() == null ? "" : method.getBareMethodName();
            below.start(new Down(name, above), headers);
            below.request(UNBOUNDED);
            above.sendHeaders(new Metadata());
            above.request(UNBOUNDED);
            return new Up(name, below);
        }
    }

    /** From the caller to the service. A bug may pass messages from the other direction's thread too. */
    private final class Up extends ServerCall.Listener<byte[]> {
        private final String method;
        private final ClientCall<byte[], byte[]> below;

        Up(String method, ClientCall<byte[], byte[]> below) {
            this.method = method;
            this.below = below;
        }

        @Override
        public void onMessage(byte[] message) {
            ways.up(method, message, changed -> {
                synchronized (below) {
                    below.sendMessage(changed);
                }
            });
        }

        @Override
        public void onHalfClose() {
            below.halfClose();
        }

        @Override
        public void onCancel() {
            below.cancel("the caller is gone", null);
        }
    }

    /** From the service to the caller. */
    private final class Down extends ClientCall.Listener<byte[]> {
        private final String method;
        private final ServerCall<byte[], byte[]> above;

        Down(String method, ServerCall<byte[], byte[]> above) {
            this.method = method;
            this.above = above;
        }

        @Override
        public void onMessage(byte[] message) {
            ways.down(method, message, changed -> {
                synchronized (above) {
                    above.sendMessage(changed);
                }
            });
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            synchronized (above) {
                above.close(status, trailers);
            }
        }
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] message) {
            return new ByteArrayInputStream(message);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
