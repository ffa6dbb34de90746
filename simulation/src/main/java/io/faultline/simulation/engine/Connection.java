// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.engine;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A bidirectional stream between a client and a server, until it breaks. Each end learns of the break in its own time; what
 * was under way may still arrive before, as it may with TCP. One thread.
 *
 * @param <Q> what the client sends
 * @param <R> what the server sends
 */
public final class Connection<Q, R> {
    private final Network network;
    private final Client<R> client;
    private final Server<Q, R> server;
    private final Pipe<Q> up;
    private final Pipe<R> down;
    private @Nullable Session<Q> session;
    private boolean clientOpen;
    private boolean broken;

    private Connection(Network network, Client<R> client, Server<Q, R> server) {
        this.network = network;
        this.client = client;
        this.server = server;
        up = new Pipe<>(network, this::toServer);
        down = new Pipe<>(network, this::toClient);
    }

    /** Tries to connect: the client hears {@code connected} or {@code broke}, the latter at most once. */
    public static <Q, R> Connection<Q, R> open(Network network, Client<R> client, Server<Q, R> server) {
        Connection<Q, R> connection = new Connection<>(network, client, server);
        network.timeline().after(network.delayNs(), connection::connect);
        return connection;
    }

    /** What the client sends on. */
    public Pipe<Q> up() {
        return up;
    }

    /** What the server sends on. */
    public Pipe<R> down() {
        return down;
    }

    /** Whether the client's transport has the stream, as far as the client knows. */
    public boolean isOpen() {
        return clientOpen;
    }

    /** The network breaks it. */
    public void cut() {
        if (!broken && clientOpen) {
            loseSome(up);
            loseSome(down);
            tellClient(network.noticeNs());
            tellServer(network.noticeNs());
            broken = true;
        }
    }

    /** The client's process died. */
    public void clientDied() {
        clientOpen = false;
        down.deafen();
        if (!broken) {
            broken = true;
            loseSome(up);
            tellServer(network.noticeNs());
        }
    }

    /** The server's process died. */
    public void serverDied() {
        session = null;
        up.deafen();
        if (!broken) {
            broken = true;
            loseSome(down);
            tellClient(network.noticeNs());
        }
    }

    /** The client ends it in good order: what it sent arrives. */
    public void endByClient() {
        clientOpen = false;
        down.deafen();
        if (!broken) {
            broken = true;
            up.finish();
            tellServer(network.delayNs());
        }
    }

    /** The server ends it in good order: what it sent arrives. */
    public void endByServer() {
        up.deafen();
        session = null;
        if (!broken) {
            broken = true;
            down.finish();
            tellClient(network.delayNs());
        }
    }

    private void connect() {
        if (broken) {
            return;
        }
        if (!server.isUp()) {
            broken = true;
            client.broke();
            return;
        }
        clientOpen = true;
        session = server.accept(this);
        client.connected();
    }

    private void toServer(List<Q> records) {
        Session<Q> current = session;
        if (current != null) {
            current.received(records);
        }
    }

    private void toClient(List<R> records) {
        if (clientOpen) {
            client.received(records);
        }
    }

    private void loseSome(Pipe<?> pipe) {
        pipe.close(network.chance().below(pipe.messagesUnderWay() + 1));
    }

    private void tellClient(long delayNs) {
        network.timeline().after(waitNs(down, delayNs), () -> {
            if (clientOpen) {
                clientOpen = false;
                down.deafen();
                client.broke();
            }
        });
    }

    private void tellServer(long delayNs) {
        network.timeline().after(waitNs(up, delayNs), () -> {
            Session<Q> current = session;
            if (current != null) {
                session = null;
                up.deafen();
                current.ended();
            }
        });
    }

    private long waitNs(Pipe<?> pipe, long delayNs) {
        return Math.max(0, pipe.lastArrivalNs() - network.timeline().nowNs()) + delayNs;
    }

    /**
     * The client's end.
     *
     * @param <R> what the server sends
     */
    public interface Client<R> {
        /** The stream is up. */
        void connected();

        /** A message has come. */
        void received(List<R> records);

        /** The stream is gone, or never was. */
        void broke();
    }

    /**
     * A server process.
     *
     * @param <Q> what clients send
     * @param <R> what it sends
     */
    public interface Server<Q, R> {
        /** Whether the process runs. */
        boolean isUp();

        /** Takes a stream. */
        Session<Q> accept(Connection<Q, R> connection);
    }

    /**
     * The server's end of one stream.
     *
     * @param <Q> what the client sends
     */
    public interface Session<Q> {
        /** A message has come. */
        void received(List<Q> records);

        /** The stream is gone. */
        void ended();
    }
}
