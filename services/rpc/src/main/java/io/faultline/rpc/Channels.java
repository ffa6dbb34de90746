// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import io.grpc.ChannelCredentials;
import io.grpc.ClientInterceptor;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import java.util.concurrent.TimeUnit;

/** Opens connections to other services, each on the loop of the service that opens it. */
public final class Channels {
    /*
     * HTTP/2's default window of 64 KiB makes page streams ten times slower; a window must be several times the bytes in
     * flight, since credit returns only at half of it.
     */
    static final int FLOW_CONTROL_WINDOW_BYTES = 8 << 20;

    /** The largest message: 64 pages of 64 KiB, and room for their descriptors. */
    static final int MESSAGE_BYTES_MAX = 5 << 20;

    /*
     * HTTP/2 hands a connection no more than this before it writes to its socket. With Netty's 64 KiB a batch of 64 pages
     * takes seven writes.
     */
    static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(256 << 10, 512 << 10);

    private static final long KEEP_ALIVE_TIME_MS = 10_000;
    private static final long KEEP_ALIVE_TIMEOUT_MS = 5_000;

    private Channels() {}

    /**
     * A plain-text connection to {@code host:port}, made when first used and again whenever it broke. Callbacks run on the
     * loop. Calls belong to no {@link io.grpc.Context}: one that a service makes while it serves another outlives that one.
     *
     * @throws IllegalArgumentException for an address without a port
     */
    public static ManagedChannel connect(ServiceLoop loop, String address, ClientInterceptor... interceptors) {
        return connect(loop, address, InsecureChannelCredentials.create(), interceptors);
    }

    /** As {@link #connect(ServiceLoop, String, ClientInterceptor...)}, with these credentials. */
    public static ManagedChannel connect(
            ServiceLoop loop, String address, ChannelCredentials credentials, ClientInterceptor... interceptors) {
        requireHostAndPort(address);
        return NettyChannelBuilder.forTarget(address, credentials)
                .eventLoopGroup(loop.group())
                .channelType(loop.channelType())
                .executor(task -> runInLoop(loop, task))
                .withOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .flowControlWindow(FLOW_CONTROL_WINDOW_BYTES)
                .maxInboundMessageSize(MESSAGE_BYTES_MAX)
                .keepAliveTime(KEEP_ALIVE_TIME_MS, TimeUnit.MILLISECONDS)
                .keepAliveTimeout(KEEP_ALIVE_TIMEOUT_MS, TimeUnit.MILLISECONDS)
                .idleTimeout(365, TimeUnit.DAYS)
                .disableRetry()
                .intercept(interceptors)
                .intercept(new OwnCalls())
                .build();
    }

    /*
     * As a direct executor, but for the few callbacks that begin elsewhere, such as a failure to resolve a name: those
     * hop to the loop.
     */
    private static void runInLoop(ServiceLoop loop, Runnable task) {
        if (loop.isInLoop()) {
            task.run();
        } else {
            loop.execute(task);
        }
    }

    /**
     * Refuses what is not {@code host:port}.
     *
     * @throws IllegalArgumentException with the address and the expected form
     */
    public static void requireHostAndPort(String address) {
        int colon = address.lastIndexOf(':');
        String port = address.substring(colon + 1);
        if (colon < 1 || !port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65_535) {
            throw new IllegalArgumentException(
                    "address: " + address + " (expected: HOST:PORT, such as 127.0.0.1:7001)");
        }
    }
}
