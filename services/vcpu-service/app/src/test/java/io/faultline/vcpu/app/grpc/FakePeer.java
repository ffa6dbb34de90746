// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import io.grpc.Attributes;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerTransportFilter;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Another plane's service on a loopback port, which can go away and come back there. */
final class FakePeer {
    private final BindableService service;
    private final int port;
    private final AtomicInteger connections = new AtomicInteger();
    private @Nullable Server server;

    /** A peer that listens. */
    FakePeer(BindableService service) {
        this.service = service;
        this.port = listen(0).getPort();
    }

    /** Where it listens. */
    String address() {
        return "127.0.0.1:" + port;
    }

    /** The port it listens on. */
    int port() {
        return port;
    }

    /** How many connections it has. */
    int connections() {
        return connections.get();
    }

    /** Breaks every connection and listens no more. */
    void goAway() throws InterruptedException {
        if (server != null) {
            server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
        }
    }

    /** Listens again. */
    void comeBack() {
        listen(port);
    }

    /** Ends everything. */
    void close() throws InterruptedException {
        goAway();
    }

    private Server listen(int port) {
        try {
            Server started = NettyServerBuilder.forAddress(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                    .directExecutor()
                    .addService(service)
                    .addTransportFilter(new ConnectionCount())
                    .build()
                    .start();
            server = started;
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Counts connections. */
    private final class ConnectionCount extends ServerTransportFilter {
        @Override
        public Attributes transportReady(Attributes attributes) {
            connections.incrementAndGet();
            return attributes;
        }

        @Override
        public void transportTerminated(Attributes attributes) {
            connections.decrementAndGet();
        }
    }
}
