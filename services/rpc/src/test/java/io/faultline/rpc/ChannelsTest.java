// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ChannelsTest {
    @Test
    void anAddressIsAHostAndAPort() {
        assertThatCode(() -> Channels.requireHostAndPort("127.0.0.1:7001")).doesNotThrowAnyException();
        assertThatCode(() -> Channels.requireHostAndPort("[::1]:7001")).doesNotThrowAnyException();
        for (String bad : new String[] {"", "host", "host:", ":7001", "host:70000", "host:port"}) {
            assertThatThrownBy(() -> Channels.requireHostAndPort(bad))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("address: " + bad)
                    .hasMessageContaining("expected: HOST:PORT");
        }
    }
}
