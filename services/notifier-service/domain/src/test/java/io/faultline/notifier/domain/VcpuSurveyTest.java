// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import static io.faultline.notifier.domain.Rig.EPOCH;
import static io.faultline.notifier.domain.Rig.EVENT;
import static io.faultline.notifier.domain.Rig.PPI;
import static io.faultline.notifier.domain.Rig.T1;
import static io.faultline.notifier.domain.Rig.T2;
import static io.faultline.notifier.domain.Rig.VM;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A vCPU is counted by the first thing that keeps an event from its guest. */
class VcpuSurveyTest {
    @Test
    void aVcpuIsCountedByWhatKeepsAnEventFromItsGuest() {
        Rig rig = Rig.created();
        assertThat(rig.machine.survey()).as("no guest").isEqualTo(states(1, 0, 0, 0, 0, 0));

        rig.guest.session.attach(VM, Rig.VCPU, 1);
        assertThat(rig.machine.survey()).as("comes up masked").isEqualTo(states(0, 1, 0, 0, 0, 0));

        rig.sdei(SdeiCalls.PE_UNMASK);
        assertThat(rig.machine.survey()).as("unregistered").isEqualTo(states(0, 0, 0, 1, 0, 0));

        rig.sdei(SdeiCalls.EVENT_REGISTER, EVENT, Rig.ENTRY, 0, 0);
        assertThat(rig.machine.survey()).as("disabled").isEqualTo(states(0, 0, 0, 0, 1, 0));

        rig.sdei(SdeiCalls.EVENT_ENABLE, EVENT);
        assertThat(rig.machine.survey()).as("ready").isEqualTo(states(0, 0, 0, 0, 0, 1));
    }

    @Test
    void whatIsUnderWayIsCountedOverAllVcpus() {
        Rig rig = Rig.enabled();
        rig.owner.session.create(VM, 0, EPOCH, EVENT, PPI);
        rig.park(T1);
        rig.fault(T2);
        rig.complete(T1);

        assertThat(rig.machine.survey())
                .as("a handler runs, two tokens, one page-ready waits; the other vCPU has no guest")
                .isEqualTo(new VcpuSurvey(1, 0, 1, 0, 0, 0, 1, 2, 1));
    }

    private static VcpuSurvey states(int noGuest, int masked, int running, int unregistered, int disabled, int ready) {
        return new VcpuSurvey(noGuest, masked, running, unregistered, disabled, ready, 0, 0, 0);
    }
}
