// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.processes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SignalsIT {
    private Process echo;

    @BeforeEach
    void startEcho() throws IOException {
        echo = new ProcessBuilder("cat").start();
    }

    @AfterEach
    void endEcho() {
        echo.destroyForcibly();
    }

    @Test
    void aFrozenProcessSaysNothingAndGoesOnWhereItWasWhenThawed() throws Exception {
        Signals.freeze(echo);
        echo.outputWriter().append("line\n").flush();
        BufferedReader out = echo.inputReader();

        assertThat(echo.waitFor(200, TimeUnit.MILLISECONDS)).isFalse();
        assertThat(out.ready()).isFalse();
        Signals.thaw(echo);

        assertThat(out.readLine()).isEqualTo("line");
    }

    @Test
    void aKilledProcessIsGoneAlsoWhenItIsFrozen() {
        Signals.freeze(echo);

        Signals.kill(echo);

        assertThat(echo.isAlive()).isFalse();
    }

    @Test
    void portsAreGivenOnceAndAreNoneOfOutgoingConnections() {
        int first = Ports.free();
        int second = Ports.free();

        assertThat(second).isNotEqualTo(first);
        assertThat(first).isBetween(12_000, 21_999);
        assertThat(Ports.isFree(first)).isTrue();
    }
}
