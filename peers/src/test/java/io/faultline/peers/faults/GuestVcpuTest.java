// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.peers.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.model.Token;
import io.faultline.peers.CpuMeter;
import java.util.BitSet;
import org.junit.jupiter.api.Test;

class GuestVcpuTest {
    private static final int TOKEN = Token.of(1, 3);
    private static final int OTHER_TOKEN = Token.of(2, 3);

    private final FaultWindow window = new FaultWindow(0);
    private final GuestVcpu vcpu = new GuestVcpu(3);

    GuestVcpuTest() {
        vcpu.raise(9);
    }

    @Test
    void aFaultIsOverWhenItIsResolvedAndItsAcknowledgementHasReturned() {
        vcpu.told(TOKEN, window);
        vcpu.decided(9, TOKEN, window);
        vcpu.ready(TOKEN, window);

        assertThat(vcpu.acknowledged()).isFalse();
        assertThat(vcpu.resolved(9, TOKEN, window)).isTrue();
    }

    @Test
    void eitherOfTheTwoMayBeFirst() {
        vcpu.decided(9, TOKEN, window);
        vcpu.told(TOKEN, window);
        vcpu.ready(TOKEN, window);

        assertThat(vcpu.resolved(9, TOKEN, window)).isFalse();
        assertThat(vcpu.acknowledged()).isTrue();
    }

    @Test
    void aHostThatSaysAnotherTokenOrTheSameTwiceEndsTheBenchmark() {
        vcpu.decided(9, TOKEN, window);

        assertThatThrownBy(() -> vcpu.told(OTHER_TOKEN, window)).hasMessageContaining("in place of");
        assertThatThrownBy(() -> vcpu.decided(9, TOKEN, window)).hasMessageContaining("the same twice");
        assertThatThrownBy(() -> vcpu.told(Token.of(1, 4), window)).hasMessageContaining("token");
    }

    @Test
    void pageReadyBeforeItsEventEndsTheBenchmark() {
        assertThatThrownBy(() -> vcpu.ready(TOKEN, window)).hasMessageContaining("page-ready before the event");
    }

    @Test
    void aFaultThatTheGuestWasToldOfEndsWithPageReadyOnly() {
        vcpu.told(TOKEN, window);

        assertThatThrownBy(() -> vcpu.endedUntold(9)).hasMessageContaining("without page-ready");
    }

    @Test
    void onlyFaultsThatWentAsynchronousAreCounted() {
        FaultWindow counted = new FaultWindow(0);
        for (FaultWindow.How how : FaultWindow.How.values()) {
            counted.began();
            counted.ended(how, System.nanoTime());
        }

        assertThat(counted.sample(new CpuMeter()).more().get("asynchronous_percent"))
                .isBetween(66.0, 67.0);
    }

    @Test
    void everyPageIsTouchedBeforeAnyIsTouchedAgain() {
        GuestSetting setting = new GuestSetting("a:1", "b:1", 1, 1, 1 << 11, 1 << 9);
        BitSet touched = new BitSet();

        for (long n = 5; n < 5 + setting.pages(); n++) {
            touched.set((int) ((setting.ipa(n) >>> 12) - GuestSetting.BASE_GFN));
        }

        assertThat(touched.cardinality()).isEqualTo(setting.pages());
        assertThat(touched.length()).isEqualTo(setting.pages());
    }
}
