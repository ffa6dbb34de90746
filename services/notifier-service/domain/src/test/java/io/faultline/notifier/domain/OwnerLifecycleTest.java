// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import static io.faultline.notifier.domain.Rig.CONTROL;
import static io.faultline.notifier.domain.Rig.EPOCH;
import static io.faultline.notifier.domain.Rig.EVENT;
import static io.faultline.notifier.domain.Rig.PPI;
import static io.faultline.notifier.domain.Rig.T1;
import static io.faultline.notifier.domain.Rig.VCPU;
import static io.faultline.notifier.domain.Rig.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.Refusal;
import io.faultline.model.StepKind;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OwnerLifecycleTest {
    @Test
    void aLostOwnerDisarmsItsVcpusAndTheirGuestsStay() {
        Rig rig = Rig.busy();

        rig.owner.session.close();
        rig.ent();

        assertThat(rig.steps()).containsExactly("DISABLED");
        assertThat(rig.guest.events()).isEmpty();
        rig.assertDropped();
        assertThat(rig.sdei(SdeiCalls.EVENT_STATUS, EVENT)).as("still attached").isEqualTo(7);
    }

    @Test
    void aGuestWhoseOwnerDoesNotComeBackIsToldAndItsVcpuIsGone() {
        Rig rig = Rig.busy();
        rig.owner.session.close();
        rig.forget();

        rig.owner.session.giveUp("its owner is gone");
        rig.ent();

        assertThat(rig.steps()).containsExactly("GUEST_DETACHED", "CLOSED");
        assertThat(rig.guest.events()).containsExactly("DETACHED");
        assertThat(rig.machine.find(VM, VCPU)).isNull();
    }

    @Test
    void aVcpuThatHasAnOwnerAgainIsNotGivenUpWithTheOneBefore() {
        Rig rig = Rig.enabled();
        rig.owner.session.close();
        FakeOwner next = new FakeOwner(rig.machine);
        next.session.create(VM, VCPU, EPOCH + 5, EVENT, PPI);
        rig.forget();

        rig.owner.session.giveUp("its owner is gone");
        assertThat(rig.steps()).isEmpty();
        next.session.close();
        rig.owner.session.giveUp("its owner is gone");
        assertThat(rig.steps()).isEmpty();
        next.session.giveUp("its owner is gone");

        assertThat(rig.steps()).containsExactly("GUEST_DETACHED", "CLOSED");
        assertThat(rig.guest.events()).containsExactly("DETACHED");
    }

    @Test
    void anotherOwnerTakesOverAnOrphanAndLearnsOfItsGuest() {
        Rig rig = Rig.enabled();
        rig.owner.session.close();
        FakeOwner next = new FakeOwner(rig.machine);
        rig.forget();

        next.session.create(VM, VCPU, EPOCH + 5, EVENT, PPI);
        next.session.arm(VM, VCPU, EPOCH + 6, CONTROL, EVENT, PPI);
        next.session.wakeAll(VM, VCPU, EPOCH + 6);
        rig.ent();
        rig.rdyh();
        next.session.publish(VM, VCPU, EPOCH + 6, T1, 1);

        assertThat(next.verdicts())
                .containsExactly("CREATED", "GUEST_ATTACHED", "ARMED", "READY 0xffffffff", "ACCEPTED 0x1005");
    }

    @Test
    void anOlderEpochIsAnotherLifeOfTheVcpu() {
        Rig rig = Rig.enabled();
        rig.owner.session.close();
        FakeOwner next = new FakeOwner(rig.machine);
        rig.forget();

        next.session.create(VM, VCPU, EPOCH, EVENT, PPI);

        assertThat(rig.steps()).containsExactly("GUEST_DETACHED", "CLOSED", "OPENED");
        assertThat(rig.guest.events()).containsExactly("DETACHED");
        assertThat(next.verdicts()).containsExactly("CREATED");
        assertThat(rig.epoch()).isEqualTo(EPOCH);
    }

    /* Its guest was let in for the one before. */
    @Test
    void aVmThatSomeoneElseRegisteredIsAnotherLifeOfItsVcpus() {
        Rig rig = new Rig();
        rig.owner.session.create(VM, VCPU, EPOCH, EVENT, PPI, "a");
        rig.guest.session.attach(VM, VCPU, 0);
        rig.owner.session.close();
        FakeOwner next = new FakeOwner(rig.machine);
        rig.forget();

        next.session.create(VM, VCPU, EPOCH + 5, EVENT, PPI, "b");

        assertThat(rig.steps()).containsExactly("GUEST_DETACHED", "CLOSED", "OPENED");
        assertThat(rig.guest.events()).containsExactly("DETACHED");
        assertThat(next.verdicts()).containsExactly("CREATED");
        assertThat(rig.machine.registrant(VM, VCPU)).isEqualTo("b");
    }

    @Test
    void aVmOfTheSameRegistrantKeepsItsGuest() {
        Rig rig = new Rig();
        rig.owner.session.create(VM, VCPU, EPOCH, EVENT, PPI, "a");
        rig.guest.session.attach(VM, VCPU, 0);
        rig.owner.session.close();
        FakeOwner next = new FakeOwner(rig.machine);

        next.session.create(VM, VCPU, EPOCH + 5, EVENT, PPI, "a");

        assertThat(next.verdicts()).containsExactly("CREATED", "GUEST_ATTACHED");
    }

    @Test
    void anEventAndAnInterruptMayBeChosenAfterCreation() {
        Rig rig = new Rig();

        rig.owner.session.create(VM, VCPU, EPOCH, 0, 0);
        rig.owner.session.create(VM, VCPU + 1, EPOCH, -1, 0);
        rig.owner.session.create(VM, VCPU + 1, EPOCH, 0, 8);
        rig.guest.session.attach(VM, VCPU, 0);

        assertThat(rig.owner.verdicts())
                .containsExactly("CREATED", "REFUSED INVALID", "REFUSED INVALID", "GUEST_ATTACHED");
        assertThat(rig.sdei(SdeiCalls.EVENT_STATUS, EVENT)).isEqualTo(0);
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
        Rig rig = Rig.busy();

        rig.owner.session.create(VM, VCPU, EPOCH + 2, EVENT, PPI);

        assertThat(rig.owner.verdicts()).containsExactly("CREATED", "GUEST_ATTACHED");
        assertThat(rig.steps()).containsExactly("DISABLED");
        rig.assertDropped();
    }

    @ParameterizedTest
    @Tag("A9")
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
    void repeatingACreationDisarmsAndKeepsTheGuest() {
        Rig rig = Rig.enabled();

        rig.owner.session.create(VM, VCPU, rig.epoch(), EVENT, PPI);

        assertThat(rig.owner.verdicts()).containsExactly("CREATED", "GUEST_ATTACHED");
        assertThat(rig.guest.events()).isEmpty();
        assertThat(rig.steps()).containsExactly("DISABLED");
    }

    @Test
    void aCreationBringsItsEpochAndItsEvent() {
        Rig rig = Rig.enabled();

        rig.owner.session.create(VM, VCPU, EPOCH + 9, EVENT + 1, PPI);

        assertThat(rig.epoch()).isEqualTo(EPOCH + 9);
        assertThat(rig.sdei(SdeiCalls.EVENT_STATUS, EVENT + 1)).as("defined").isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 4096})
    void aVcpuIdOutOfRangeIsInvalid(int vcpuId) {
        Rig rig = new Rig();

        rig.owner.session.create(VM, vcpuId, EPOCH, EVENT, PPI);

        assertThat(rig.owner.verdicts()).containsExactly("REFUSED INVALID");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 4095})
    void theFirstAndTheLastVcpuIdAreVcpus(int vcpuId) {
        Rig rig = new Rig();

        rig.owner.session.create(VM, vcpuId, EPOCH, EVENT, PPI);

        assertThat(rig.owner.verdicts()).containsExactly("CREATED");
    }
}
