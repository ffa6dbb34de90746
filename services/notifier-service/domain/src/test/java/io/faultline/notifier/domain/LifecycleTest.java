// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import static io.faultline.notifier.domain.Rig.CONTROL;
import static io.faultline.notifier.domain.Rig.EPOCH;
import static io.faultline.notifier.domain.Rig.EVENT;
import static io.faultline.notifier.domain.Rig.PPI;
import static io.faultline.notifier.domain.Rig.T1;
import static io.faultline.notifier.domain.Rig.T2;
import static io.faultline.notifier.domain.Rig.T3;
import static io.faultline.notifier.domain.Rig.VCPU;
import static io.faultline.notifier.domain.Rig.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.Refusal;
import io.faultline.model.StepKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LifecycleTest {
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
    void g7DisarmingDropsEverything() {
        Rig rig = busy();

        rig.owner.session.disarm(VM, VCPU, EPOCH + 1);
        rig.ent();

        assertThat(rig.owner.verdicts()).containsExactly("DISARMED");
        assertThat(rig.steps()).containsExactly("DISABLED");
        assertDropped(rig);
        rig.complete(T1);
        rig.publish(T3);
        assertThat(rig.owner.verdicts()).containsExactly("UNKNOWN 0x1005", "REFUSED 0x3005 NOT_ARMED");
        rig.guest.session.acknowledge(VCPU, 4);
        rig.ent();
        assertThat(rig.guest.lastResult()).isZero();
        assertDropped(rig);
    }

    @Test
    void g7DisarmingDropsAPublicationThatTheGuestWasNotToldOf() {
        Rig rig = Rig.enabled();
        rig.publish(T1);

        rig.owner.session.disarm(VM, VCPU, EPOCH + 1);
        rig.ent();

        assertDropped(rig);
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
        Rig rig = busy();

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

    @Test
    void aGuestThatGoesAwayDisarmsItsVcpuAndDropsWhatItWasNotTold() {
        Rig rig = busy();

        rig.guest.session.close();
        rig.ent();

        assertThat(rig.owner.verdicts()).containsExactly("GUEST_DETACHED");
        assertThat(rig.steps()).containsExactly("GUEST_DETACHED");
        assertDropped(rig);
        rig.complete(T1);
        rig.publish(T3);
        assertThat(rig.owner.verdicts()).containsExactly("UNKNOWN 0x1005", "REFUSED 0x3005 NO_GUEST");
    }

    @Test
    void aGuestThatDetachesIsToldAndMayAttachAgain() {
        Rig rig = Rig.enabled();

        rig.guest.session.detach(VCPU, 8);
        assertThat(rig.guest.lastResult()).isZero();
        rig.guest.session.attach(VM, VCPU, 9);

        assertThat(rig.guest.events()).containsExactly("DETACHED", "ATTACHED");
        assertThat(rig.owner.verdicts()).containsExactly("GUEST_DETACHED", "GUEST_ATTACHED");
        assertThat(rig.sdei(SdeiCalls.EVENT_STATUS, EVENT)).isEqualTo(0);
    }

    @Test
    void attachingTwiceOnOneSessionIsAFreshStart() {
        Rig rig = busy();

        rig.guest.session.attach(VM, VCPU, 9);

        assertThat(rig.guest.events()).containsExactly("ATTACHED");
        assertThat(rig.owner.verdicts()).containsExactly("GUEST_DETACHED", "GUEST_ATTACHED");
        assertDropped(rig);
    }

    @Test
    void anotherConnectionTakesTheVcpuOver() {
        Rig rig = busy();
        FakeGuest other = new FakeGuest(rig.machine);

        assertThat(other.session.attach(VM, VCPU, 1)).isEqualTo(Attachment.ATTACHED);

        assertThat(rig.guest.events()).containsExactly("DETACHED");
        assertThat(other.events()).containsExactly("ATTACHED");
        assertThat(rig.owner.verdicts()).containsExactly("GUEST_DETACHED", "GUEST_ATTACHED");
        assertDropped(rig);
        assertThat(rig.sdei(SdeiCalls.PE_UNMASK))
                .as("a call that was under way")
                .isEqualTo(SdeiResult.DENIED);
        assertThat(rig.machine.counters().strayCalls()).isEqualTo(1);
        rig.guest.session.close();
        assertThat(rig.owner.verdicts()).isEmpty();
    }

    @Test
    void aSessionServesTheVcpusOfOneVm() {
        Rig rig = Rig.created();
        rig.owner.session.create(VM + 1, 0, EPOCH, EVENT, PPI);
        rig.owner.session.create(VM, 0, EPOCH, EVENT, PPI);

        assertThat(rig.guest.session.hasAttached()).isFalse();
        assertThat(rig.guest.session.attach(VM, 1, 1)).isEqualTo(Attachment.NOT_FOUND);
        assertThat(rig.guest.session.hasAttached()).isFalse();
        assertThat(rig.guest.session.attach(VM, VCPU, 1)).isEqualTo(Attachment.ATTACHED);
        assertThat(rig.guest.session.attach(VM, 0, 1)).isEqualTo(Attachment.ATTACHED);
        assertThat(rig.guest.session.attach(VM + 1, 0, 1)).isEqualTo(Attachment.OTHER_VM);
        assertThat(rig.machine.counters().guests()).isEqualTo(2);
    }

    @Test
    void destroyingDetachesTheGuest() {
        Rig rig = busy();

        rig.owner.session.destroy(VM, VCPU, 0);
        rig.ent();

        assertThat(rig.guest.events()).containsExactly("DETACHED");
        assertThat(rig.owner.verdicts()).containsExactly("GUEST_DETACHED", "DESTROYED");
        assertThat(rig.steps()).containsExactly("GUEST_DETACHED", "CLOSED");
        rig.owner.session.destroy(VM, VCPU, 0);
        rig.owner.session.complete(VM, VCPU, EPOCH + 1, T1, 11);
        assertThat(rig.owner.verdicts()).containsExactly("UNKNOWN", "UNKNOWN 0x1005");
        assertThat(rig.guest.session.attach(VM, VCPU, 1)).isEqualTo(Attachment.NOT_FOUND);
    }

    @Test
    void aLostOwnerDisarmsItsVcpusAndTheirGuestsStay() {
        Rig rig = busy();

        rig.owner.session.close();
        rig.ent();

        assertThat(rig.steps()).containsExactly("DISABLED");
        assertThat(rig.guest.events()).isEmpty();
        assertDropped(rig);
        assertThat(rig.sdei(SdeiCalls.EVENT_STATUS, EVENT)).as("still attached").isEqualTo(7);
    }

    @Test
    void anotherOwnerTakesOverAnOrphanAndLearnsOfItsGuest() {
        Rig rig = Rig.enabled();
        rig.owner.session.close();
        FakeOwner next = new FakeOwner(rig.machine);
        rig.forget();

        next.session.create(VM, VCPU, 1, EVENT, PPI);
        next.session.arm(VM, VCPU, 2, CONTROL, EVENT, PPI);
        next.session.wakeAll(VM, VCPU, 2);
        rig.ent();
        rig.rdyh();
        next.session.publish(VM, VCPU, 2, T1, 1);

        assertThat(next.verdicts())
                .containsExactly("CREATED", "GUEST_ATTACHED", "ARMED", "READY 0xffffffff", "ACCEPTED 0x1005");
    }

    @Test
    void aVcpuOfALiveOwnerCannotBeCreatedOrCommandedByAnother() {
        Rig rig = Rig.created();
        FakeOwner other = new FakeOwner(rig.machine);

        other.session.create(VM, VCPU, EPOCH + 9, EVENT, PPI);
        other.session.destroy(VM, VCPU, EPOCH);
        other.session.reset(VM, VCPU, EPOCH + 9);
        other.session.publish(VM, VCPU, EPOCH, T1, 1);

        assertThat(other.verdicts()).containsExactly("REFUSED OWNED_ELSEWHERE", "UNKNOWN", "UNKNOWN", "UNKNOWN 0x1005");
        assertThat(rig.epoch()).isEqualTo(EPOCH);
    }

    @Test
    void creatingAgainDisarms() {
        Rig rig = busy();

        rig.owner.session.create(VM, VCPU, EPOCH + 2, EVENT, PPI);

        assertThat(rig.owner.verdicts()).containsExactly("CREATED", "GUEST_ATTACHED");
        assertThat(rig.steps()).containsExactly("DISABLED");
        assertDropped(rig);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 4096})
    void a9AVcpuIdThatATokenCannotHoldIsRefused(int vcpuId) {
        Rig rig = new Rig();

        rig.owner.session.create(VM, vcpuId, EPOCH, EVENT, PPI);

        assertThat(rig.owner.verdicts()).containsExactly("REFUSED INVALID");
        assertThat(rig.machine.counters().vcpus()).isZero();
    }

    @Test
    void creationIsBoundedAndOrphansWithoutGuestsMakeRoom() {
        Rig rig = new Rig();
        FakeOwner other = new FakeOwner(rig.machine);
        for (int vcpuId = 0; vcpuId < 3; vcpuId++) {
            other.session.create(VM, vcpuId, EPOCH, EVENT, PPI);
        }
        rig.guest.session.attach(VM, 2, 0);
        rig.owner.session.create(VM, 3, EPOCH, EVENT, PPI);
        rig.owner.session.create(VM, 4, EPOCH, EVENT, PPI);
        assertThat(rig.owner.verdicts()).containsExactly("CREATED", "REFUSED LIMIT");

        other.session.close();
        rig.owner.session.create(VM, 4, EPOCH, EVENT, PPI);

        assertThat(rig.owner.verdicts()).containsExactly("CREATED");
        assertThat(rig.machine.counters().vcpus())
                .as("3, 4 and the one with a guest")
                .isEqualTo(3);
        assertThat(rig.machine.counters().refusals(Refusal.LIMIT)).isEqualTo(1);
        assertThat(rig.machine.counters().steps(StepKind.CLOSED)).isEqualTo(2);
    }

    @Test
    void dismissingTellsEveryVcpuWhy() {
        Rig rig = Rig.enabled();
        rig.owner.session.create(VM, 0, EPOCH, EVENT, PPI);
        rig.guest.session.attach(VM, 0, 0);
        rig.forget();

        rig.guest.session.dismiss("the service is shutting down");

        assertThat(rig.guest.events()).containsExactly("DETACHED", "DETACHED");
        assertThat(rig.machine.counters().guests()).isZero();
    }

    /** A guest in its handler with a token parked, one delivered and one completed. */
    private static Rig busy() {
        Rig rig = Rig.enabled();
        rig.park(T1);
        rig.fault(T2);
        rig.complete(T1);
        rig.ent();
        rig.forget();
        return rig;
    }

    private static void arm(Rig rig, long epoch) {
        rig.owner.session.arm(VM, VCPU, epoch, CONTROL, EVENT, PPI);
    }

    /** I29. */
    private static void assertDropped(Rig rig) {
        Notifications notifications = rig.notifications();
        assertThat(notifications.isArmed()).isFalse();
        assertThat(rig.area()).isEqualTo("{0,0x0}");
        assertThat(notifications.notPresent().isPending()).isFalse();
        assertThat(notifications.event().isPending()).isFalse();
        assertThat(notifications.interrupt().isHigh()).isFalse();
        assertThat(notifications.done().isEmpty()).isTrue();
        assertThat(notifications.tokens().size()).isZero();
    }
}
