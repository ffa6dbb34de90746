// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import static io.faultline.notifier.domain.Rig.CONTROL;
import static io.faultline.notifier.domain.Rig.EPOCH;
import static io.faultline.notifier.domain.Rig.EVENT;
import static io.faultline.notifier.domain.Rig.PPI;
import static io.faultline.notifier.domain.Rig.T1;
import static io.faultline.notifier.domain.Rig.T3;
import static io.faultline.notifier.domain.Rig.VCPU;
import static io.faultline.notifier.domain.Rig.VM;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArmingTest {
    @Test
    void theAuditChainRunsFromOpenedToClosed() {
        Rig rig = new Rig();
        rig.owner.session.create(VM, VCPU, EPOCH, EVENT, PPI);
        rig.owner.session.arm(VM, VCPU, EPOCH + 1, CONTROL, EVENT, PPI);
        rig.owner.session.disarm(VM, VCPU, EPOCH + 1);
        rig.owner.session.destroy(VM, VCPU, EPOCH + 1);

        assertThat(rig.steps()).containsExactly("OPENED", "ENABLED", "DISABLED", "CLOSED");
        assertThat(rig.owner.verdicts()).containsExactly("CREATED", "ARMED", "DISARMED", "DESTROYED");
    }

    @Test
    @Tag("G7")
    void g7DisarmingDropsEverything() {
        Rig rig = Rig.busy();

        rig.owner.session.disarm(VM, VCPU, EPOCH + 1);
        rig.ent();

        assertThat(rig.owner.verdicts()).containsExactly("DISARMED");
        assertThat(rig.steps()).containsExactly("DISABLED");
        rig.assertDropped();
        rig.complete(T1);
        rig.publish(T3);
        assertThat(rig.owner.verdicts()).containsExactly("UNKNOWN 0x1005", "REFUSED 0x3005 NOT_ARMED");
        rig.guest.session.acknowledge(VCPU, 4);
        rig.ent();
        assertThat(rig.guest.lastResult()).isZero();
        rig.assertDropped();
    }

    @Test
    @Tag("G7")
    void g7DisarmingDropsAPublicationThatTheGuestWasNotToldOf() {
        Rig rig = Rig.enabled();
        rig.publish(T1);

        rig.owner.session.disarm(VM, VCPU, EPOCH + 1);
        rig.ent();

        rig.assertDropped();
        assertThat(rig.guest.events()).isEmpty();
    }

    @Test
    void disarmingKeepsTheGuestsRegistrationAndResettingDoesNot() {
        Rig rig = Rig.enabled();

        rig.owner.session.disarm(VM, VCPU, EPOCH + 1);
        assertThat(rig.sdei(SdeiCalls.EVENT_STATUS, EVENT)).isEqualTo(3);

        rig.owner.session.reset(VM, VCPU, EPOCH + 2);
        assertThat(rig.owner.verdicts()).containsExactly("DISARMED", "DISARMED");
        assertThat(rig.sdei(SdeiCalls.EVENT_STATUS, EVENT)).isEqualTo(0);
        assertThat(rig.sdei(SdeiCalls.PE_MASK)).as("masked already").isEqualTo(0);
        assertThat(rig.epoch()).isEqualTo(EPOCH + 2);
    }

    @Test
    @Tag("G20")
    void g20ResettingDropsEverythingAndKeepsTheInterruptsNumber() {
        Rig rig = Rig.created();
        rig.owner.session.create(VM, VCPU, EPOCH, EVENT, 23);
        rig.comeUp();
        rig.owner.session.reset(VM, VCPU, EPOCH + 1);
        rig.owner.session.arm(VM, VCPU, EPOCH + 2, CONTROL, EVENT, 23);
        rig.owner.session.wakeAll(VM, VCPU, EPOCH + 2);
        rig.guest.events();

        rig.ent();

        assertThat(rig.guest.events()).containsExactly("INTERRUPT 23 {2,0xffffffff}");
    }

    @Test
    void anEpochOnlyGrowsAndIsArmedOnce() {
        Rig rig = Rig.created();

        arm(rig, EPOCH);
        arm(rig, EPOCH);
        arm(rig, EPOCH - 1);
        rig.owner.session.reset(VM, VCPU, EPOCH - 1);
        arm(rig, EPOCH + 5);
        rig.owner.session.disarm(VM, VCPU, EPOCH + 4);
        rig.owner.session.disarm(VM, VCPU, EPOCH + 5);
        arm(rig, EPOCH + 5);

        assertThat(rig.owner.verdicts())
                .containsExactly("ARMED", "STALE", "STALE", "STALE", "ARMED", "STALE", "DISARMED", "STALE");
        assertThat(rig.machine.counters().verdicts(VerdictKind.STALE)).isEqualTo(5);
    }

    @Test
    void armingAgainDropsWhatTheOlderEpochLeft() {
        Rig rig = Rig.busy();

        arm(rig, EPOCH + 2);

        assertThat(rig.steps()).containsExactly("DISABLED", "ENABLED");
        assertThat(rig.notifications().tokens().size()).isZero();
        assertThat(rig.area()).isEqualTo("{0,0x0}");
        rig.owner.session.complete(VM, VCPU, EPOCH + 1, T1, 11);
        assertThat(rig.owner.verdicts()).containsExactly("ARMED", "STALE 0x1005");
    }

    @Test
    void i31ARefusedArmingLeavesEverythingAsItWas() {
        Rig rig = Rig.created();
        rig.owner.session.arm(VM, VCPU, EPOCH + 1, 0, EVENT, PPI);
        rig.owner.session.arm(VM, VCPU, EPOCH + 1, CONTROL | 4, EVENT, PPI);
        rig.owner.session.arm(VM, VCPU, EPOCH + 1, CONTROL, 0, PPI);
        rig.owner.session.arm(VM, VCPU, EPOCH + 1, CONTROL, EVENT, 15);
        rig.owner.session.arm(VM, VCPU, EPOCH + 1, CONTROL, EVENT, 32);
        rig.makeAreaAccessible(false);
        rig.owner.session.arm(VM, VCPU, EPOCH + 1, CONTROL, EVENT, PPI);

        assertThat(rig.owner.verdicts())
                .containsExactly(
                        "REFUSED INVALID",
                        "REFUSED INVALID",
                        "REFUSED INVALID",
                        "REFUSED INVALID",
                        "REFUSED INVALID",
                        "REFUSED AREA_UNREADABLE");
        assertThat(rig.owner.lastEpoch()).isEqualTo(EPOCH + 1);
        assertThat(rig.epoch()).isEqualTo(EPOCH);
        assertThat(rig.notifications().isArmed()).isFalse();
    }

    @Test
    void anotherEventThanBeforeIsNotRegistered() {
        Rig rig = Rig.enabled();

        rig.owner.session.arm(VM, VCPU, EPOCH + 2, CONTROL, EVENT + 1, PPI);

        assertThat(rig.sdei(SdeiCalls.EVENT_STATUS, EVENT)).isEqualTo(SdeiResult.INVALID_PARAMETERS);
        assertThat(rig.sdei(SdeiCalls.EVENT_STATUS, EVENT + 1)).isEqualTo(0);
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 31})
    void anyPpiMaySayPageReady(int interrupt) {
        Rig rig = Rig.created();

        rig.owner.session.arm(VM, VCPU, EPOCH + 1, CONTROL, EVENT, interrupt);

        assertThat(rig.owner.verdicts()).containsExactly("ARMED");
    }

    @Test
    void armingAVcpuThatIsNotHereIsAnswered() {
        Rig rig = Rig.created();

        rig.owner.session.arm(VM, VCPU + 1, EPOCH + 1, CONTROL, EVENT, PPI);

        assertThat(rig.owner.verdicts()).containsExactly("UNKNOWN");
    }

    @Test
    void anInterruptThatWasNotAcknowledgedIsForgottenWithItsEpoch() {
        Rig rig = Rig.enabled();
        rig.park(T1);
        rig.complete(T1);
        rig.ent();
        assertThat(rig.guest.events()).as("told, not acknowledged").last().isEqualTo("INTERRUPT 17 {2,0x1005}");

        arm(rig, EPOCH + 2);
        rig.owner.session.wakeAll(VM, VCPU, EPOCH + 2);
        rig.ent();

        assertThat(rig.guest.events()).containsExactly("INTERRUPT 17 {2,0xffffffff}");
    }

    private static void arm(Rig rig, long epoch) {
        rig.owner.session.arm(VM, VCPU, epoch, CONTROL, EVENT, PPI);
    }
}
