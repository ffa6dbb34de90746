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

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class WakeAllTest {
    @Test
    @Tag("G1")
    void g1EnablingWakesEveryParkedTask() {
        Rig rig = armed();

        rig.owner.session.wakeAll(VM, VCPU, EPOCH + 1);
        rig.ent();

        assertThat(rig.guest.events()).containsExactly("INTERRUPT 17 {2,0xffffffff}");
        assertThat(rig.owner.verdicts()).containsExactly("READY 0xffffffff");
        assertThat(rig.steps()).containsExactly("WOKE_ALL 0xffffffff");
        rig.rdyh();
        assertThat(rig.steps()).containsExactly("ACKNOWLEDGED 0xffffffff from 4");
    }

    @Test
    @Tag("G2")
    void g2AWakeAllConcernsItsVcpuOnly() {
        Rig rig = armed();
        FakeGuest other = new FakeGuest(rig.machine);
        rig.owner.session.create(VM, VCPU + 1, EPOCH, EVENT, PPI);
        other.session.attach(VM, VCPU + 1, 0);
        other.events();

        rig.owner.session.wakeAll(VM, VCPU, EPOCH + 1);
        rig.ent();

        assertThat(rig.guest.events()).hasSize(1);
        assertThat(other.events()).isEmpty();
    }

    @Test
    @Tag("G3")
    void g3NoBroadcastIsAddedWhileCompletionsWaitAndTheAnswerSaysSo() {
        Rig rig = Rig.enabled();
        rig.fault(T1);
        rig.complete(T1);

        rig.owner.session.wakeAll(VM, VCPU, EPOCH + 1);
        rig.ent();
        rig.nph();
        rig.rdyh();

        assertThat(rig.owner.verdicts()).containsExactly("ACCEPTED 0x1005", "ALREADY 0xffffffff", "READY 0x1005");
        assertThat(rig.notifications().done().isEmpty()).isTrue();
    }

    @Test
    @Tag("G4")
    void g4AWakeAllEndsNoToken() {
        Rig rig = Rig.enabled();
        rig.park(T1);

        rig.owner.session.wakeAll(VM, VCPU, EPOCH + 1);
        rig.ent();
        rig.rdyh();

        assertThat(rig.notifications().tokens().isOutstanding(T1)).isTrue();
        rig.complete(T1);
        rig.ent();
        assertThat(rig.owner.verdicts()).containsExactly("ACCEPTED 0x1005", "READY 0xffffffff", "READY 0x1005");
    }

    @Test
    void aWakeAllIsRefusedWhenNotArmed() {
        Rig rig = Rig.created();

        rig.owner.session.wakeAll(VM, VCPU, EPOCH);

        assertThat(rig.owner.verdicts()).containsExactly("REFUSED 0xffffffff NOT_ARMED");
    }

    @Test
    void aWakeAllThatFindsNoGuestWaitsForOne() {
        Rig rig = Rig.created();
        rig.owner.session.arm(VM, VCPU, EPOCH + 1, CONTROL, EVENT, PPI);
        rig.owner.session.wakeAll(VM, VCPU, EPOCH + 1);
        rig.ent();
        assertThat(rig.owner.verdicts()).containsExactly("ARMED");

        rig.comeUp();

        assertThat(rig.owner.verdicts()).containsExactly("GUEST_ATTACHED", "READY 0xffffffff");
        assertThat(rig.guest.events()).containsExactly("ATTACHED", "INTERRUPT 17 {2,0xffffffff}");
    }

    private static Rig armed() {
        Rig rig = Rig.created();
        rig.comeUp();
        rig.owner.session.arm(VM, VCPU, EPOCH + 1, CONTROL, EVENT, PPI);
        rig.forget();
        return rig;
    }
}
