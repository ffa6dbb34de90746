// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import static io.faultline.notifier.domain.Rig.EVENT;
import static io.faultline.notifier.domain.Rig.T1;
import static io.faultline.notifier.domain.Rig.T2;
import static io.faultline.notifier.domain.Rig.T3;
import static io.faultline.notifier.domain.Rig.VCPU;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class CompletionTest {
    private static final String FREE = "{0,0x0}";

    @Test
    @Tag("E1")
    void e1ACompletionBeforeDeliveryCancelsAndTheGuestNeverHears() {
        Rig rig = Rig.enabled();

        rig.publish(T1);
        rig.complete(T1);
        rig.ent();

        assertThat(rig.owner.verdicts()).containsExactly("ACCEPTED 0x1005", "CANCELLED 0x1005");
        assertThat(rig.steps()).containsExactly("CANCELLED 0x1005 from 11");
        assertThat(rig.guest.events()).isEmpty();
        assertThat(rig.area()).isEqualTo(FREE);
        assertThat(rig.notifications().event().isPending()).isFalse();
        assertThat(rig.notifications().interrupt().isHigh()).isFalse();
        assertThat(rig.notifications().tokens().size()).isZero();
    }

    @Test
    @Tag("E2")
    @Tag("E6")
    void e2ACompletionAfterDeliveryWaitsForTheHandler() {
        Rig rig = Rig.enabled();
        rig.fault(T1);

        rig.complete(T1);
        rig.ent();
        assertThat(rig.owner.verdicts()).containsExactly("ACCEPTED 0x1005");

        rig.guest.events();
        rig.nph();
        assertThat(rig.owner.verdicts()).containsExactly("READY 0x1005");
        assertThat(rig.guest.events()).containsExactly("RESUMED", "INTERRUPT 17 {2,0x1005}");
        assertThat(rig.steps()).containsExactly("DELIVERED 0x1005 from 10", "READY 0x1005 from 11");
    }

    @Test
    @Tag("E3")
    void e3ReadyOfAParkedTaskWaitsForAPendingPublication() {
        Rig rig = Rig.enabled();
        rig.park(T1);
        rig.publish(T2);
        rig.sdei(SdeiCalls.PE_MASK);

        rig.complete(T1);
        rig.ent();
        assertThat(rig.area()).isEqualTo("{1,0x2005}");
        assertThat(rig.owner.verdicts()).containsExactly("ACCEPTED 0x1005", "ACCEPTED 0x2005");

        rig.sdei(SdeiCalls.PE_UNMASK);
        rig.ent();
        rig.nph();
        assertThat(rig.owner.verdicts()).containsExactly("READY 0x1005");
        assertThat(rig.area()).isEqualTo("{2,0x1005}");
    }

    @Test
    @Tag("E5")
    void e5ACancelLetsTheReadyOfAnotherOutInTheSamePass() {
        Rig rig = Rig.enabled();
        rig.park(T1);
        rig.publish(T2);
        rig.forget();

        rig.complete(T2);
        rig.complete(T1);
        rig.ent();

        assertThat(rig.owner.verdicts()).containsExactly("CANCELLED 0x2005", "READY 0x1005");
        assertThat(rig.guest.events()).containsExactly("INTERRUPT 17 {2,0x1005}");
    }

    @Test
    void aPendingPublicationIsTakenBackThoughAnotherCompletionWaitsBeforeIt() {
        Rig rig = Rig.enabled();
        rig.park(T1);
        rig.publish(T2);
        rig.forget();

        rig.complete(T1);
        rig.complete(T2);
        rig.ent();

        assertThat(rig.owner.verdicts()).containsExactly("CANCELLED 0x2005", "READY 0x1005");
        assertThat(rig.guest.events()).containsExactly("INTERRUPT 17 {2,0x1005}");
    }

    @Test
    void i36APublicationWhoseEventTheGuestUnregisteredIsCancelledAtItsCompletion() {
        Rig rig = Rig.enabled();
        rig.publish(T1);
        rig.sdei(SdeiCalls.EVENT_UNREGISTER, EVENT);
        rig.ent();
        assertThat(rig.guest.events()).isEmpty();

        rig.complete(T1);

        assertThat(rig.owner.verdicts()).containsExactly("ACCEPTED 0x1005", "CANCELLED 0x1005");
        assertThat(rig.area()).isEqualTo(FREE);
    }

    @Test
    void i36APublicationSurvivesMaskAndDisable() {
        Rig rig = Rig.enabled();
        rig.publish(T1);
        rig.sdei(SdeiCalls.EVENT_DISABLE, EVENT);
        rig.sdei(SdeiCalls.PE_MASK);
        rig.ent();
        rig.sdei(SdeiCalls.EVENT_ENABLE, EVENT);
        rig.ent();
        assertThat(rig.guest.events()).isEmpty();

        rig.sdei(SdeiCalls.PE_UNMASK);
        rig.ent();

        assertThat(rig.guest.events()).containsExactly("SDEI_EVENT {1,0x1005}");
    }

    @Test
    @Tag("F1")
    void f1ReadyRaisesTheInterruptAndAcknowledgeLowersIt() {
        Rig rig = Rig.enabled();
        rig.park(T1);

        rig.complete(T1);
        rig.ent();
        assertThat(rig.area()).isEqualTo("{2,0x1005}");
        assertThat(rig.notifications().interrupt().isHigh()).isTrue();
        rig.steps();

        rig.rdyh();
        assertThat(rig.area()).isEqualTo(FREE);
        assertThat(rig.notifications().interrupt().isHigh()).isFalse();
        assertThat(rig.steps()).containsExactly("ACKNOWLEDGED 0x1005 from 7");
    }

    @Test
    @Tag("F2")
    void f2ReadyComesInTheOrderOfCompletion() {
        Rig rig = threeParked();

        rig.complete(T3);
        rig.complete(T1);
        rig.complete(T2);
        rig.ent();
        rig.rdyh();
        rig.rdyh();

        assertThat(rig.owner.verdicts()).containsExactly("READY 0x3005", "READY 0x1005", "READY 0x2005");
    }

    @Test
    @Tag("F3")
    void f3OneInterruptIsOutstandingAndEachAcknowledgeBringsTheNext() {
        Rig rig = threeParked();

        rig.complete(T1);
        rig.complete(T2);
        rig.complete(T3);
        rig.ent();
        assertThat(rig.guest.events()).containsExactly("INTERRUPT 17 {2,0x1005}");

        rig.rdyh();
        assertThat(rig.guest.events()).containsExactly("INTERRUPT 17 {2,0x2005}");
        rig.rdyh();
        assertThat(rig.guest.events()).containsExactly("INTERRUPT 17 {2,0x3005}");
        rig.rdyh();
        assertThat(rig.guest.events()).isEmpty();
    }

    @Test
    void i20TheNextReadyNeedsBothTheClearAndTheAcknowledge() {
        Rig rig = threeParked();
        rig.complete(T1);
        rig.complete(T2);
        rig.ent();
        rig.guest.events();

        rig.guest.session.acknowledge(VCPU, 0);
        rig.ent();
        assertThat(rig.guest.events()).isEmpty();

        rig.clear(AreaWords.TOKEN);
        rig.ent();
        assertThat(rig.guest.events()).isEmpty();

        rig.clear(AreaWords.REASON);
        rig.ent();
        assertThat(rig.guest.events()).containsExactly("INTERRUPT 17 {2,0x2005}");
    }

    @Test
    @Tag("F4")
    void f4AcknowledgingNothingSucceedsWithoutEffect() {
        Rig rig = Rig.enabled();
        rig.fault(T1);
        rig.forget();

        rig.guest.session.acknowledge(VCPU, 3);
        rig.ent();

        assertThat(rig.guest.lastResult()).isZero();
        assertThat(rig.area()).isEqualTo("{1,0x1005}");
        assertThat(rig.steps()).isEmpty();
    }

    @Test
    @Tag("F11")
    void f11AReadyIsKeptWhileTheAreaCannotBeWritten() {
        Rig rig = Rig.enabled();
        rig.park(T1);
        rig.makeAreaAccessible(false);
        rig.complete(T1);
        rig.ent();
        rig.guest.events();

        rig.ent();
        assertThat(rig.guest.events()).isEmpty();
        rig.makeAreaAccessible(true);
        rig.ent();

        assertThat(rig.guest.events()).containsExactly("INTERRUPT 17 {2,0x1005}");
    }

    @Test
    @Tag("F12")
    void f12AReadyThatTheGuestDoesNotKnowIsClearedAndTheNextFlows() {
        Rig rig = threeParked();
        rig.complete(T1);
        rig.complete(T2);
        rig.ent();
        rig.rdyh();

        assertThat(rig.owner.verdicts()).containsExactly("READY 0x1005", "READY 0x2005");
    }

    @Test
    @Tag("K4")
    void k4UnknownTokensAndRepeatedCompletionsHaveNoEffect() {
        Rig rig = Rig.enabled();
        rig.complete(T3);
        rig.fault(T1);
        rig.complete(T1);
        rig.complete(T1);
        rig.nph();
        rig.complete(T1);
        rig.rdyh();
        rig.complete(T1);
        rig.ent();

        assertThat(rig.owner.verdicts())
                .containsExactly(
                        "UNKNOWN 0x3005",
                        "ACCEPTED 0x1005",
                        "ALREADY 0x1005",
                        "READY 0x1005",
                        "ALREADY 0x1005",
                        "ALREADY 0x1005");
        assertThat(rig.notifications().done().isEmpty()).isTrue();
    }

    @Test
    void i27ACongestedGuestIsToldLater() {
        Rig rig = threeParked();
        rig.guest.congested(true);
        rig.complete(T1);
        rig.ent();
        assertThat(rig.guest.events()).isEmpty();
        assertThat(rig.owner.verdicts()).isEmpty();

        rig.guest.congested(false);
        rig.ent();

        assertThat(rig.guest.events()).containsExactly("INTERRUPT 17 {2,0x1005}");
    }

    @Test
    void aPublicationThatMetCongestionCanStillBeCancelled() {
        Rig rig = Rig.enabled();
        rig.publish(T1);
        rig.guest.congested(true);
        rig.ent();

        rig.complete(T1);

        assertThat(rig.owner.verdicts()).containsExactly("ACCEPTED 0x1005", "CANCELLED 0x1005");
    }

    private static Rig threeParked() {
        Rig rig = Rig.enabled();
        rig.park(T1);
        rig.park(T2);
        rig.park(T3);
        rig.forget();
        return rig;
    }

    @Test
    void anAcknowledgementAloneLetsTheNextPageReadyGo() {
        Rig rig = Rig.enabled();
        rig.park(T1);
        rig.park(T2);
        rig.complete(T1);
        rig.complete(T2);
        rig.ent();
        rig.clear(AreaWords.BOTH);
        rig.ent();
        rig.forget();

        rig.guest.session.acknowledge(VCPU, 0);
        rig.ent();

        assertThat(rig.guest.events()).containsExactly("INTERRUPT 17 {2,0x2005}");
    }

    @Test
    void aPageReadyFollowsInTheSameEntryWhereTheGuestHadClearedTheAreaBeforeItWasTold() {
        Rig rig = Rig.enabled();
        rig.park(T1);
        rig.publish(T2);
        rig.complete(T1);
        rig.clear(AreaWords.BOTH);

        rig.ent();

        assertThat(rig.guest.events()).contains("INTERRUPT 17 {2,0x1005}");
    }
}
