// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientsTest {
    private static final long SECOND_NS = 1_000_000_000;

    private long nowNs;
    private final Clients clients =
            new Clients(new ClientProperties(4, 4, 4, 100, 100, 100), new PeerAddresses(), () -> nowNs, 3);

    @Test
    void aNameIsOneClient() {
        assertThat(clients.named("a")).isSameAs(clients.named("a")).isNotSameAs(clients.named("b"));
    }

    @Test
    void clientsBeyondThoseThatCanBeToldApartAreOne() {
        clients.named("a");
        clients.named("b");
        clients.named("c");

        assertThat(clients.named("d")).isSameAs(clients.named("e"));
        assertThat(clients.named("d").name()).isEqualTo("others");
        assertThat(clients.size()).isEqualTo(4);
    }

    @Test
    void aClientIsForgottenOnceNothingIsHeldForItAndItsRatesAllowAllAgain() {
        Client holding = clients.named("holding");
        holding.hold(ClientLimit.FAULTS);
        Client busy = clients.named("busy");
        nowNs = SECOND_NS / 2;
        assertThat(busy.calls().waitNs(nowNs)).isZero();
        busy.calls().take(100);

        nowNs = SECOND_NS;
        clients.named("one");
        assertThat(clients.named("holding")).isSameAs(holding);
        assertThat(clients.named("busy")).isSameAs(busy);

        holding.release(ClientLimit.FAULTS);
        nowNs = 3 * SECOND_NS;
        clients.named("another");
        assertThat(clients.size()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "10.1.2.3, 10.1.2.3",
        "2001:db8:1:2:3:4:5:6, 2001:db8:1:2:0:0:0:0/64",
        "::1, 0:0:0:0:0:0:0:0/64",
        "::ffff:10.1.2.3, 10.1.2.3"
    })
    void aClientIsNamedByItsAddressOfIpv6ByItsNetwork(String address, String name) throws UnknownHostException {
        assertThat(PeerAddresses.name(new InetSocketAddress(InetAddress.getByName(address), 4000)))
                .isEqualTo(name);
    }

    @Test
    void anAddressOfIpv4IsTheSameClientToAListenerForBoth() throws UnknownHostException {
        byte[] mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 10, 1, 2, 3};

        assertThat(PeerAddresses.name(new InetSocketAddress(Inet6Address.getByAddress(null, mapped, -1), 4000)))
                .isEqualTo("10.1.2.3");
    }

    @Test
    void aConnectionWithoutAnAddressHasANameToo() {
        assertThat(PeerAddresses.name(null)).isEqualTo("null");
    }

    @Test
    void noCallIsNobodys() {
        assertThat(Client.current().name()).isEqualTo("nobody");
        clients.named("a").context().run(() -> assertThat(Client.current()).isSameAs(clients.named("a")));
    }
}
