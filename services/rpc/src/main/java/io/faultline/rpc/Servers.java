// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.ChannelOption;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** Sets gRPC servers up alike: every call on the loop, with room for whole batches of pages in flight. */
public final class Servers {
    private static final long KEEP_ALIVE_TIME_S = 10;
    private static final long KEEP_ALIVE_TIMEOUT_S = 5;
    private static final long KEEP_ALIVE_PERMITTED_S = 5;

    private Servers() {}

    /** A server on loopback that runs on the loop; the caller adds its services and starts it. */
    public static NettyServerBuilder onLoopback(ServiceLoop loop, int port) {
        return onLoop(
                NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)), loop);
    }

    static NettyServerBuilder onLoop(NettyServerBuilder server, ServiceLoop loop) {
        return server.bossEventLoopGroup(loop.group())
                .workerEventLoopGroup(loop.group())
                .channelFactory(loop::serverChannel)
                .directExecutor()
                .withChildOption(ChannelOption.WRITE_BUFFER_WATER_MARK, Channels.WATER_MARK)
                .flowControlWindow(Channels.FLOW_CONTROL_WINDOW_BYTES)
                .maxInboundMessageSize(Channels.MESSAGE_BYTES_MAX)
                .keepAliveTime(KEEP_ALIVE_TIME_S, TimeUnit.SECONDS)
                .keepAliveTimeout(KEEP_ALIVE_TIMEOUT_S, TimeUnit.SECONDS)
                .permitKeepAliveTime(KEEP_ALIVE_PERMITTED_S, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true);
    }
}
