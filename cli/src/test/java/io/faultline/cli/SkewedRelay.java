// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.DynamicMessage;
import io.faultline.rpc.Channels;
import io.faultline.rpc.Servers;
import io.faultline.rpc.ServiceLoop;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.HandlerRegistry;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Stands in front of a service, and lets each side see the other as a service of another release: every message is read by
 * that release's contract and written again. A call that is not in it is UNIMPLEMENTED. What each side says at once is bounded
 * by its own bounds only. All on one loop.
 */
final class SkewedRelay implements AutoCloseable {
    private final WireContract contract;
    private final Skew skew;
    private final ServiceLoop loop = ServiceLoop.start("relay");
    private final ManagedChannel target;
    private final Server server;
    private final Set<String> called = ConcurrentHashMap.newKeySet();

    /** A relay to a port on loopback. */
    SkewedRelay(WireContract contract, Skew skew, int targetPort) throws IOException {
        this.contract = contract;
        this.skew = skew;
        target = Channels.connect(loop, "127.0.0.1:" + targetPort);
        server = Servers.onLoopback(loop, 0)
                .fallbackHandlerRegistry(new Calls())
                .build()
                .start();
    }

    int port() {
        return server.getPort();
    }

    /** The full names of the calls that went through. */
    Set<String> called() {
        return Set.copyOf(called);
    }

    @Override
    public void close() {
        server.shutdownNow();
        target.shutdownNow();
        loop.close();
    }

    private byte[] skewed(Descriptor type, byte[] message) {
        try {
            return skew.of(DynamicMessage.parseFrom(type, message)).toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The calls of the contract, and the ones that have no version: health and reflection. */
    private final class Calls extends HandlerRegistry {
        @Override
        public @Nullable ServerMethodDefinition<?, ?> lookupMethod(String name, @Nullable String authority) {
            MethodDescriptor method = contract.method(name);
            if (method == null && name.startsWith("faultline.")) {
                return null;
            }
            called.add(name);
            return ServerMethodDefinition.create(
                    WireBytes.method(name, MethodType.BIDI_STREAMING), (call, _) -> new Passage(call, method).open());
        }
    }

    /** One call on its way through; of a method without a version nothing changes. */
    private final class Passage extends ServerCall.Listener<byte[]> {
        private final ServerCall<byte[], byte[]> call;
        private final ClientCall<byte[], byte[]> onwards;
        private final @Nullable MethodDescriptor method;

        Passage(ServerCall<byte[], byte[]> call, @Nullable MethodDescriptor method) {
            this.call = call;
            this.method = method;
            onwards = target.newCall(call.getMethodDescriptor(), CallOptions.DEFAULT);
        }

        Passage open() {
            onwards.start(new Answers(), new Metadata());
            onwards.request(1);
            call.request(1);
            return this;
        }

        @Override
        public void onMessage(byte[] message) {
            onwards.sendMessage(method == null ? message : skewed(method.getInputType(), message));
            call.request(1);
        }

        @Override
        public void onHalfClose() {
            onwards.halfClose();
        }

        @Override
        public void onCancel() {
            onwards.cancel("the client is gone", null);
        }

        /** What the service says. */
        private final class Answers extends ClientCall.Listener<byte[]> {
            @Override
            public void onHeaders(Metadata headers) {
                call.sendHeaders(new Metadata());
            }

            @Override
            public void onMessage(byte[] message) {
                call.sendMessage(method == null ? message : skewed(method.getOutputType(), message));
                onwards.request(1);
            }

            @Override
            public void onClose(Status status, Metadata trailers) {
                call.close(status, new Metadata());
            }
        }
    }
}
