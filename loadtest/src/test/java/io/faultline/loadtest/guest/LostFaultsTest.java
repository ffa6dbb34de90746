// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.guest;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.Token;
import org.junit.jupiter.api.Test;

/** A guest whose connections to its host broke, and are there again. */
class LostFaultsTest {
    private static final int NOT_PRESENT = 1;
    private static final int READY = 2;
    private static final long AREA = 0x4800_0000L;
    private static final int T1 = Token.of(1, 0);

    private final ScriptedHost host = new ScriptedHost();

    @Test
    void aVcpuThatBootsAgainDisablesWhatMayStillBeEnabled() {
        GuestKernel kernel = started(new int[][] {{0}});
        kernel.allDetached();
        host.takeLog();

        kernel.boot();
        kernel.hypercallReturned(0, -2);

        assertThat(host.takeLog()).containsExactly("hypercall 4", "hypercall 0");
    }

    @Test
    void aFaultThatIsLostIsRaisedAgainAsIfItWereTheFirst() {
        GuestKernel kernel = started(new int[][] {{0}, {1}});
        host.takeLog();

        assertThat(kernel.faultsLost()).isEqualTo(1);
        kernel.run();

        assertThat(host.takeLog()).containsExactly("raise 0 on 0");
        kernel.faultEnded(host.lastSequence(), Token.NONE, false);
        kernel.run();
        assertThat(host.takeLog()).containsExactly("raise 1 on 0");
        assertThat(kernel.violations().count()).isZero();
    }

    @Test
    void aTaskThatSleepsWhenItsFaultIsLostTouchesItsPageOnceItIsWoken() {
        GuestKernel kernel = started(new int[][] {{0}, {1}});
        putAside(kernel);
        kernel.run();
        host.takeLog();

        assertThat(kernel.faultsLost()).isEqualTo(2);
        kernel.run();
        assertThat(host.takeLog()).containsExactly("raise 1 on 0");
        kernel.interrupt(0, READY, T1);
        kernel.run();
        kernel.result(0, host.lastCallId(), 0);
        kernel.faultEnded(host.lastSequence(), Token.NONE, false);
        kernel.run();

        assertThat(host.takeLog()).containsSubsequence("acknowledge", "raise 0 on 0");
        assertThat(kernel.isFinished()).isFalse();
        kernel.faultEnded(host.lastSequence(), Token.NONE, false);
        kernel.run();
        assertThat(kernel.isFinished()).isTrue();
    }

    @Test
    void aTaskWithoutAFaultInFlightIsNotTouchedByALoss() {
        GuestKernel kernel = started(new int[][] {{0}, {1}});
        kernel.faultEnded(host.lastSequence(), Token.NONE, false);
        kernel.run();

        assertThat(kernel.faultsLost()).isEqualTo(1);
        kernel.run();

        kernel.faultEnded(host.lastSequence(), Token.NONE, false);
        kernel.run();
        assertThat(kernel.isFinished()).isTrue();
        assertThat(kernel.counters().tasksFinished()).isEqualTo(2);
    }

    private GuestKernel started(int[][] accesses) {
        GuestKernel kernel = new GuestKernel(host, new int[] {0}, AREA, accesses);
        kernel.boot();
        host.answerBoot(kernel, 0);
        host.takeLog();
        kernel.run();
        return kernel;
    }

    /** Answers the fault raised last with ASYNC and its event. */
    private void putAside(GuestKernel kernel) {
        kernel.faultAsync(host.lastSequence(), T1);
        kernel.notPresent(0, NOT_PRESENT, T1);
        kernel.resumed(0, host.lastCallId());
        kernel.run();
        host.takeLog();
    }
}
