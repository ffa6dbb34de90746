// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import static io.faultline.notifier.domain.Rig.EPOCH;
import static io.faultline.notifier.domain.Rig.EVENT;
import static io.faultline.notifier.domain.Rig.PPI;
import static io.faultline.notifier.domain.Rig.T1;
import static io.faultline.notifier.domain.Rig.T3;
import static io.faultline.notifier.domain.Rig.VCPU;
import static io.faultline.notifier.domain.Rig.VM;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GuestLifecycleTest {
    @Test
    void aGuestThatGoesAwayDisarmsItsVcpuAndDropsWhatItWasNotTold() {
        Rig rig = Rig.busy();

        rig.guest.session.close();
        rig.ent();

        assertThat(rig.owner.verdicts()).containsExactly("GUEST_DETACHED");
        assertThat(rig.steps()).containsExactly("GUEST_DETACHED");
        rig.assertDropped();
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
        Rig rig = Rig.busy();

        rig.guest.session.attach(VM, VCPU, 9);

        assertThat(rig.guest.events()).containsExactly("ATTACHED");
        assertThat(rig.owner.verdicts()).containsExactly("GUEST_DETACHED", "GUEST_ATTACHED");
        rig.assertDropped();
    }

    @Test
    void anotherConnectionTakesTheVcpuOver() {
        Rig rig = Rig.busy();
        FakeGuest other = new FakeGuest(rig.machine);

        assertThat(other.session.attach(VM, VCPU, 1)).isEqualTo(Attachment.ATTACHED);

        assertThat(rig.guest.events()).containsExactly("DETACHED");
        assertThat(other.events()).containsExactly("ATTACHED");
        assertThat(rig.owner.verdicts()).containsExactly("GUEST_DETACHED", "GUEST_ATTACHED");
        rig.assertDropped();
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
        Rig rig = Rig.busy();

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
    void dismissingTellsEveryVcpuWhy() {
        Rig rig = Rig.enabled();
        rig.owner.session.create(VM, 0, EPOCH, EVENT, PPI);
        rig.guest.session.attach(VM, 0, 0);
        rig.forget();

        rig.guest.session.dismiss("the service is shutting down");

        assertThat(rig.guest.events()).containsExactly("DETACHED", "DETACHED");
        assertThat(rig.machine.counters().guests()).isZero();
    }

    @Test
    void aGuestIsNotToBeReadWhileItsOwnerTakesNoNews() {
        NotificationMachine machine = new NotificationMachine(step -> {}, AreaAccess.ADDRESSABLE, 1);
        SlowOwner slow = new SlowOwner();
        OwnerSession owner = machine.connect((OwnerPort) slow);
        owner.create(VM, VCPU, EPOCH, EVENT, PPI);
        FakeGuest guest = new FakeGuest(machine);
        assertThat(guest.session.isOwnerWritable()).as("not attached").isTrue();
        guest.session.attach(VM, VCPU, 1);

        slow.writable = false;
        assertThat(guest.session.isOwnerWritable()).as("congested").isFalse();

        slow.writable = true;
        assertThat(guest.session.isOwnerWritable()).as("not any more").isTrue();
        slow.writable = false;
        owner.close();
        assertThat(guest.session.isOwnerWritable()).as("gone").isTrue();
    }

    /** An owner whose connection is congested at times. */
    private static final class SlowOwner implements OwnerPort {
        boolean writable = true;

        @Override
        public void verdict(Verdict verdict) {}

        @Override
        public boolean isWritable() {
            return writable;
        }
    }
}
