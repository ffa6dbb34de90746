// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.network;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The network in front of a server on loopback: whoever connects to its port is connected to the server's. It can be made
 * slow, silent in one direction or both, or cut. TCP's promise holds throughout: what arrives, arrives whole and in order.
 * Safe for use by any thread.
 */
public final class Relay implements AutoCloseable {
    private static final int BACKLOG = 64;
    private static final int CONNECT_TIMEOUT_MS = 2_000;

    private final ServerSocket listener;
    private final int serverPort;
    private final Weather weather = new Weather();
    private final Set<Link> links = ConcurrentHashMap.newKeySet();

    private Relay(ServerSocket listener, int serverPort) {
        this.listener = listener;
        this.serverPort = serverPort;
    }

    /** A relay on a free port, in front of a server that need not be there yet. */
    public static Relay start(int serverPort) {
        try {
            ServerSocket listener = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
            Relay relay = new Relay(listener, serverPort);
            Thread.ofVirtual().name("relay-" + serverPort).start(relay::accept);
            return relay;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where it listens. */
    public int port() {
        return listener.getLocalPort();
    }

    /** Where it listens, {@code host:port}. */
    public String address() {
        return "127.0.0.1:" + port();
    }

    /** From now on every 64 KiB at most wait for so long, both ways: a link that is far and thin. */
    public void slow(Duration delay) {
        weather.delay(delay);
    }

    /** From now on nothing arrives in these directions; what is sent meanwhile arrives when it is {@link #heal}ed. */
    public void hold(Set<Direction> directions) {
        weather.hold(directions);
    }

    /** Resets every connection, and from now on each new one. What was on the way is gone. */
    public void cut() {
        weather.cut();
        links.forEach(Link::reset);
    }

    /** The network is well again. */
    public void heal() {
        weather.clear();
    }

    /** Ends it and its connections. */
    @Override
    public void close() {
        weather.close();
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            links.forEach(Link::reset);
        }
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                Thread.ofVirtual().name("relay-connect-" + serverPort).start(() -> connect(client));
            } catch (IOException closed) {
                // A listener fails when it is closed; if it failed otherwise, clients would be refused, as a network
                // does.
                return;
            }
        }
    }

    private void connect(Socket client) {
        Link link = new Link(client, new Socket(), weather);
        links.add(link);
        try {
            if (!weather.isCut()) {
                link.run(new InetSocketAddress(InetAddress.getLoopbackAddress(), serverPort), CONNECT_TIMEOUT_MS);
            }
        } finally {
            link.reset();
            links.remove(link);
        }
    }
}
