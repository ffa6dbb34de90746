// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import static io.faultline.notifier.domain.Rig.EPOCH;
import static io.faultline.notifier.domain.Rig.T1;
import static io.faultline.notifier.domain.Rig.T2;
import static io.faultline.notifier.domain.Rig.T3;
import static io.faultline.notifier.domain.Rig.VCPU;
import static io.faultline.notifier.domain.Rig.VM;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A publication that meets a page-ready which the guest has not acknowledged yet, and may wait for that. */
class WaitingPublicationTest {
    private final Rig rig = Rig.enabled();

    /** T1's page-ready is published, the guest has not taken its interrupt. */
    private void readyIsUnacknowledged() {
        rig.park(T1);
        rig.complete(T1);
        rig.ent();
        rig.forget();
    }

    @Test
    void itIsAcceptedWhenTheGuestAcknowledges() {
        readyIsUnacknowledged();

        rig.publishOrWait(T2);
        assertThat(rig.owner.verdicts()).isEmpty();
        assertThat(rig.area()).isEqualTo("{2,0x1005}");
        assertThat(rig.notifications().tokens().size()).isZero();
        rig.rdyh();

        assertThat(rig.owner.verdicts()).containsExactly("ACCEPTED 0x2005");
        assertThat(rig.guest.events()).endsWith("SDEI_EVENT {1,0x2005}");
        assertThat(rig.steps()).containsExactly("ACKNOWLEDGED 0x1005 from 7", "DELIVERED 0x2005 from 20");
    }

    /** I20, F3: each acknowledgement publishes the next page-ready; the publication comes after all of them. */
    @Test
    void itWaitsBehindTheCompletionsThatAreQueued() {
        rig.park(T1);
        rig.park(T2);
        rig.complete(T1);
        rig.complete(T2);
        rig.ent();
        rig.forget();

        rig.publishOrWait(T3);
        rig.rdyh();
        assertThat(rig.owner.verdicts()).containsExactly("READY 0x2005");
        rig.rdyh();

        assertThat(rig.owner.verdicts()).containsExactly("ACCEPTED 0x3005");
    }

    @Test
    void withdrawnItIsRefusedAndLeavesNothingBehind() {
        readyIsUnacknowledged();
        rig.publishOrWait(T2);

        rig.withdraw(T2);
        assertThat(rig.owner.verdicts()).containsExactly("REFUSED 0x2005 AREA_BUSY");
        rig.rdyh();

        assertThat(rig.owner.verdicts()).isEmpty();
        assertThat(rig.area()).isEqualTo("{0,0x0}");
        assertThat(rig.notifications().tokens().size()).isZero();
    }

    @Test
    void betweenClearAndAcknowledgeItIsRefusedForTheAcknowledgement() {
        readyIsUnacknowledged();
        rig.clear(AreaWords.BOTH);
        rig.publishOrWait(T2);

        rig.withdraw(T2);

        assertThat(rig.owner.verdicts()).containsExactly("REFUSED 0x2005 READY_UNACKNOWLEDGED");
    }

    @Test
    void withdrawingDoesNothingToAPublicationThatHasItsAnswer() {
        readyIsUnacknowledged();
        rig.publishOrWait(T2);
        rig.rdyh();
        rig.forget();

        rig.withdraw(T2);
        rig.withdraw(T3);

        assertThat(rig.owner.verdicts()).isEmpty();
        assertThat(rig.area()).isEqualTo("{1,0x2005}");
        assertThat(rig.notifications().tokens().isOutstanding(T2)).isTrue();
    }

    @Test
    void onlyAPageReadyIsWaitedFor() {
        rig.park(T1);
        rig.sdei(SdeiCalls.PE_MASK);
        rig.complete(T1);
        rig.ent();
        rig.forget();

        rig.publishOrWait(T2);

        assertThat(rig.owner.verdicts()).containsExactly("REFUSED 0x2005 PE_MASKED");
    }

    @Test
    void anAreaThatTheGuestHasNotClearedOfItsLastTokenIsNotWaitedFor() {
        rig.fault(T1);
        rig.sdei(SdeiCalls.EVENT_COMPLETE, 0);
        rig.forget();

        rig.publishOrWait(T2);

        assertThat(rig.owner.verdicts()).containsExactly("REFUSED 0x2005 AREA_BUSY");
    }

    @Test
    void acknowledgedButNotClearedItIsRefused() {
        readyIsUnacknowledged();
        rig.publishOrWait(T2);

        rig.guest.session.acknowledge(VCPU, 0);
        rig.ent();

        assertThat(rig.owner.verdicts()).containsExactly("REFUSED 0x2005 AREA_BUSY");
    }

    @Test
    void aSecondOneIsRefusedWhileTheFirstWaits() {
        readyIsUnacknowledged();
        rig.clear(AreaWords.BOTH);
        rig.publishOrWait(T2);

        rig.publishOrWait(T3);
        rig.publish(T3);
        assertThat(rig.owner.verdicts())
                .containsExactly("REFUSED 0x3005 EVENT_PENDING", "REFUSED 0x3005 EVENT_PENDING");
        rig.rdyh();

        assertThat(rig.owner.verdicts()).containsExactly("ACCEPTED 0x2005");
    }

    @Test
    void theEndOfTheEpochForgetsItWithoutAnAnswer() {
        readyIsUnacknowledged();
        rig.publishOrWait(T2);

        rig.owner.session.disarm(VM, VCPU, EPOCH + 1);
        rig.withdraw(T2);
        rig.rdyh();

        assertThat(rig.owner.verdicts()).containsExactly("DISARMED");
        rig.assertDropped();
        assertThat(rig.notifications().waiting().isThere()).isFalse();
    }

    /** The page came, and in the same batch the guest acknowledged: whichever was first, there is one answer. */
    @Test
    void withdrawnInTheBatchOfTheAcknowledgementItHasOneAnswer() {
        readyIsUnacknowledged();
        rig.publishOrWait(T2);

        rig.clear(AreaWords.BOTH);
        rig.guest.session.acknowledge(VCPU, 0);
        rig.withdraw(T2);

        assertThat(rig.owner.verdicts()).containsExactly("REFUSED 0x2005 READY_UNACKNOWLEDGED");
        assertThat(rig.area()).isEqualTo("{0,0x0}");
    }
}
