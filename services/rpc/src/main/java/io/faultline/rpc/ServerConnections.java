// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import io.faultline.rpc.tls.HandshakeWatch;
import io.faultline.telemetry.Meters;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ServerChannel;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The connections to a service's gRPC server, up to a bound: one more is closed before a byte of it is read. Counted by the
 * service's loop, read by any thread.
 */
public final class ServerConnections implements MeterBinder {
    private final int max;
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicLong refused = new AtomicLong();

    private final HandshakeWatch handshakes;

    /** None yet, and at most {@code max} at once. */
    ServerConnections(int max, HandshakeWatch handshakes) {
        this.max = max;
        this.handshakes = handshakes;
    }

    /** Has a listener accept no more than the bound. */
    ServerChannel bounding(ServerChannel listener) {
        listener.pipeline().addFirst(new Door());
        return listener;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Meters<ServerConnections> meters = new Meters<>(registry, () -> this);
        meters.gauge("faultline.rpc.connections", "connections to the gRPC server", now -> now.open.get());
        meters.gauge("faultline.rpc.connections.limit", "connections that there may be", now -> now.max);
        meters.counter("faultline.rpc.connections.refused", "connections closed at once", now -> now.refused.get());
        meters.counter(
                "faultline.rpc.handshakes.failed",
                "connections that came to nothing: a wrong certificate, or plain text where TLS was wanted",
                now -> now.handshakes.failed());
    }

    /** Where accepted connections come by on their way to the server. */
    private final class Door extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object accepted) {
            if (accepted instanceof Channel connection) {
                if (open.get() >= max) {
                    refused.incrementAndGet();
                    connection.unsafe().closeForcibly();
                    return;
                }
                open.incrementAndGet();
                handshakes.accepted(connection);
                connection.closeFuture().addListener(_ -> open.decrementAndGet());
            }
            context.fireChannelRead(accepted);
        }
    }
}
