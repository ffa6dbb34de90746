// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RelayIT {
    private static final int SHORT_MS = 200;

    private ServerSocket server;
    private Relay relay;

    @BeforeEach
    void startRelay() throws IOException {
        server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
        relay = Relay.start(server.getLocalPort());
    }

    @AfterEach
    void endRelay() throws IOException {
        relay.close();
        server.close();
    }

    @Test
    void whatOneSideSendsTheOtherReceivesToTheLastByte() throws Exception {
        byte[] sent = new byte[3 << 20];
        new Random(1).nextBytes(sent);
        try (Socket client = connect();
                Socket accepted = server.accept()) {
            Thread sender = Thread.ofVirtual().start(() -> {
                try {
                    accepted.getOutputStream().write(sent);
                    accepted.shutdownOutput();
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });

            byte[] received = client.getInputStream().readAllBytes();

            sender.join();
            assertThat(received).isEqualTo(sent);
        }
    }

    @Test
    void aSlowNetworkDelaysAndLosesNothing() throws Exception {
        try (Socket client = connect();
                Socket accepted = server.accept()) {
            relay.slow(Duration.ofMillis(SHORT_MS));
            long beganNs = System.nanoTime();
            client.getOutputStream().write(1);

            assertThat(accepted.getInputStream().read()).isEqualTo(1);
            assertThat(Duration.ofNanos(System.nanoTime() - beganNs))
                    .isGreaterThanOrEqualTo(Duration.ofMillis(SHORT_MS));
        }
    }

    @Test
    void whatIsSentIntoASilentDirectionArrivesWhenItIsHealed() throws Exception {
        try (Socket client = connect();
                Socket accepted = server.accept()) {
            relay.hold(Set.of(Direction.TO_SERVER));
            client.getOutputStream().write(new byte[] {1, 2, 3, 4});
            accepted.getOutputStream().write(9);

            assertThat(client.getInputStream().read()).as("the other direction").isEqualTo(9);
            accepted.setSoTimeout(SHORT_MS);
            assertThatThrownBy(() -> accepted.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
            relay.heal();
            accepted.setSoTimeout(0);
            assertThat(new DataInputStream(accepted.getInputStream()).readInt()).isEqualTo(0x0102_0304);
        }
    }

    @Test
    void aCutResetsConnectionsAndRefusesNewOnesUntilItIsHealed() throws Exception {
        try (Socket client = connect();
                Socket accepted = server.accept()) {
            relay.hold(EnumSet.allOf(Direction.class));
            relay.cut();

            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> accepted.getInputStream().read()).isInstanceOf(IOException.class);
            try (Socket refused = connect()) {
                assertThatThrownBy(() -> refused.getInputStream().read()).isInstanceOf(IOException.class);
            }
        }
        relay.heal();
        try (Socket client = connect();
                Socket accepted = server.accept()) {
            client.getOutputStream().write(7);
            assertThat(accepted.getInputStream().read()).isEqualTo(7);
        }
    }

    @Test
    void aServerThatIsNotThereIsAsIfNobodyListened() throws Exception {
        server.close();

        try (Socket client = connect()) {
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(IOException.class);
        }
    }

    private Socket connect() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), relay.port());
    }
}
