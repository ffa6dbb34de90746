// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.guest;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.Token;
import org.junit.jupiter.api.Test;

class DueAccessTest {
    private static final long AREA = 0x4800_0000L;

    private final ScriptedHost host = new ScriptedHost();

    @Test
    void aTaskWaitsUntilItsNextAccessIsDue() {
        GuestKernel kernel = new GuestKernel(host, new int[] {0}, AREA, new int[][] {{0, 1}, {2}});
        kernel.dueBefore(0);
        kernel.startSynchronously();
        kernel.run();
        assertThat(host.takeLog()).isEmpty();

        kernel.dueBefore(1);
        kernel.run();
        kernel.faultEnded(0, Token.NONE, false);
        kernel.run();
        assertThat(host.takeLog()).containsExactly("raise 0 on 0");

        kernel.dueBefore(3);
        kernel.run();
        kernel.faultEnded(1, Token.NONE, false);
        kernel.run();
        assertThat(host.takeLog()).containsExactly("raise 1 on 0", "raise 2 on 0");
    }

    @Test
    void aGuestThatIsCutShortWaitsForNoTime() {
        GuestKernel kernel = new GuestKernel(host, new int[] {0}, AREA, new int[][] {{0, 1}, {2}});
        kernel.dueBefore(0);
        kernel.startSynchronously();
        kernel.run();

        kernel.cutShort();
        kernel.run();
        kernel.faultEnded(0, Token.NONE, false);
        kernel.run();
        kernel.faultEnded(2, Token.NONE, false);
        kernel.run();

        assertThat(host.takeLog()).containsExactly("raise 0 on 0", "raise 2 on 0");
        assertThat(kernel.isFinished()).isTrue();
    }
}
