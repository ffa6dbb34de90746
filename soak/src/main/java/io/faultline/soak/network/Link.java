// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.network;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;

/** One connection through a relay: two sockets and a thread for each direction. */
final class Link {
    private static final int CHUNK_BYTES = 64 << 10;

    private final Socket client;
    private final Socket server;
    private final Weather weather;

    Link(Socket client, Socket server, Weather weather) {
        this.client = client;
        this.server = server;
        this.weather = weather;
    }

    /** Connects to the server and carries bytes until both sides have ended, or the link breaks. */
    void run(InetSocketAddress address, int connectTimeoutMs) {
        try {
            server.connect(address, connectTimeoutMs);
            server.setTcpNoDelay(true);
            client.setTcpNoDelay(true);
            Thread back = Thread.ofVirtual().name("relay-back").start(() -> carry(server, client, Direction.TO_CLIENT));
            carry(client, server, Direction.TO_SERVER);
            back.join();
            // Both sides have ended in order: what is still on its way arrives.
            client.close();
            server.close();
        } catch (IOException noServer) {
            reset();
        } catch (InterruptedException interrupted) {
            reset();
            Thread.currentThread().interrupt();
        }
    }

    /** Ends it as a network does that loses a connection; both sides are told so. */
    void reset() {
        abort(client);
        abort(server);
    }

    private void carry(Socket from, Socket to, Direction direction) {
        byte[] chunk = new byte[CHUNK_BYTES];
        try {
            int count;
            while ((count = from.getInputStream().read(chunk)) >= 0) {
                weather.pass(direction);
                to.getOutputStream().write(chunk, 0, count);
            }
            to.shutdownOutput();
        } catch (IOException broken) {
            reset();
        } catch (InterruptedException interrupted) {
            reset();
            Thread.currentThread().interrupt();
        }
    }

    private static void abort(Socket socket) {
        try (socket) {
            if (!socket.isClosed()) {
                socket.setSoLinger(true, 0);
            }
        } catch (IOException closedMeanwhile) {
            // It is what was wanted.
        }
    }
}
