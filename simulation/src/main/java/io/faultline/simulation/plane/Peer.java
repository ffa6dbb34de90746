// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.simulation.plane;

import io.faultline.simulation.engine.Connection;
import io.faultline.simulation.engine.Life;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A stream to another plane that is opened again whenever it broke, after a wait that doubles: the services' {@code
 * PeerStream}. One thread.
 *
 * @param <Q> what is sent
 * @param <R> what is received
 */
public final class Peer<Q, R> implements Connection.Client<R> {
    private static final long WAIT_MIN_NS = 2_000_000;
    private static final long WAIT_MAX_NS = 64_000_000;

    private final World world;
    private final Life life;
    private final Connection.Server<Q, R> server;
    private final Heard<R> heard;
    private @Nullable Connection<Q, R> connection;
    private boolean connected;
    private long waitNs = WAIT_MIN_NS;

    /** A stream that does nothing before {@link #open}; it ends with the life of its process. */
    public Peer(World world, Life life, Connection.Server<Q, R> server, Heard<R> heard) {
        this.world = world;
        this.life = life;
        this.server = server;
        this.heard = heard;
    }

    /** Connects, now and after each break. */
    public void open() {
        Connection<Q, R> opened = Connection.open(world.network(), this, server);
        opened.down().readWhile(heard::isReading);
        connection = opened;
    }

    /** Whether the transport has the stream, as far as this end knows. */
    public boolean isConnected() {
        return connected;
    }

    /** Sends a record; lost without a connection. */
    public void send(Q record) {
        Connection<Q, R> current = connection;
        if (connected && current != null) {
            current.up().send(record);
        }
    }

    /** The network breaks the stream. */
    public void cut() {
        Connection<Q, R> current = connection;
        if (connected && current != null) {
            current.cut();
        }
    }

    /** Ends the stream in good order and opens another. */
    public void hangUp() {
        Connection<Q, R> current = connection;
        if (connected && current != null) {
            current.endByClient();
            broke();
        }
    }

    /** Reads what has come, if this end reads again. */
    public void readOn() {
        Connection<Q, R> current = connection;
        if (connected && current != null) {
            current.down().readOn();
        }
    }

    /** The process dies. */
    public void die() {
        connected = false;
        Connection<Q, R> current = connection;
        if (current != null) {
            current.clientDied();
        }
    }

    @Override
    public void connected() {
        connected = true;
        heard.connected();
    }

    @Override
    public void received(List<R> records) {
        waitNs = WAIT_MIN_NS;
        for (R record : records) {
            heard.received(record);
        }
    }

    @Override
    public void broke() {
        boolean was = connected;
        connected = false;
        connection = null;
        world.timeline().after(waitNs, life, this::open);
        waitNs = Math.min(2 * waitNs, WAIT_MAX_NS);
        if (was) {
            heard.disconnected();
        }
    }

    /**
     * Who hears of the stream.
     *
     * @param <R> what is received
     */
    public interface Heard<R> {
        /** The stream is up. */
        void connected();

        /** A record has come. */
        void received(R record);

        /** The stream is gone. */
        void disconnected();

        /** Whether what comes is read now. */
        default boolean isReading() {
            return true;
        }
    }
}
