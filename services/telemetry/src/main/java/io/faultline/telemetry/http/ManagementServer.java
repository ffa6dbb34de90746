// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.telemetry.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/**
 * The HTTP server of the management port. It has one thread of its own, which never waits: a page is made in memory and
 * written as the peer takes it. Started and closed by any thread.
 */
final class ManagementServer implements AutoCloseable {
    static final int CONNECTIONS_MAX = 64;
    private static final int REQUEST_BODY_BYTES_MAX = 1 << 10;
    private static final int IDLE_S = 30;
    private static final long CLOSE_TIMEOUT_MS = 1_000;

    private final EventLoopGroup group;
    private final Channel listener;
    /** Connections now; the server's thread only. */
    private int connections;

    /**
     * Listens.
     *
     * @throws ManagementPortException if the port cannot be listened on
     */
    ManagementServer(String name, ManagementProperties properties, ManagementPages pages) {
        group = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory(name + "-management", true), NioIoHandler.newFactory());
        ChannelFuture bound = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childHandler(new Connections(pages))
                .bind(new InetSocketAddress(properties.address(), properties.port()))
                .awaitUninterruptibly();
        listener = bound.channel();
        Throwable failure = bound.cause();
        if (failure != null) {
            close();
            throw new ManagementPortException(properties.address() + ":" + properties.port(), failure);
        }
    }

    /** The port listened on. */
    int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    /** Ends all connections and the thread. */
    @Override
    public void close() {
        group.shutdownGracefully(0, CLOSE_TIMEOUT_MS, TimeUnit.MILLISECONDS).awaitUninterruptibly(CLOSE_TIMEOUT_MS);
    }

    /** Sets connections up, and refuses those beyond the bound. */
    private final class Connections extends ChannelInitializer<SocketChannel> {
        private final ManagementPages pages;

        Connections(ManagementPages pages) {
            this.pages = pages;
        }

        @Override
        protected void initChannel(SocketChannel channel) {
            if (connections >= CONNECTIONS_MAX) {
                ChannelFuture _ = channel.close();
                return;
            }
            connections++;
            channel.closeFuture().addListener(_ -> connections--);
            channel.pipeline()
                    .addLast(new IdleStateHandler(0, 0, IDLE_S))
                    .addLast(new HttpServerCodec())
                    .addLast(new HttpServerKeepAliveHandler())
                    .addLast(new HttpObjectAggregator(REQUEST_BODY_BYTES_MAX, true))
                    .addLast(new ManagementHandler(pages));
        }
    }
}
