// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.domain;

import static io.faultline.notifier.domain.Rig.EPOCH;
import static io.faultline.notifier.domain.Rig.EVENT;
import static io.faultline.notifier.domain.Rig.T1;
import static io.faultline.notifier.domain.Rig.T2;
import static io.faultline.notifier.domain.Rig.VCPU;
import static io.faultline.notifier.domain.Rig.VM;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.Token;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class PublicationTest {
    private static final String FREE = "{0,0x0}";

    @Test
    @Tag("D2")
    void d2APublicationPutsTheTokenIntoTheAreaAndTriggersTheEvent() {
        Rig rig = Rig.enabled();

        rig.publish(T1);

        assertThat(rig.owner.verdicts()).containsExactly("ACCEPTED 0x1005");
        assertThat(rig.area()).isEqualTo("{1,0x1005}");
        assertThat(rig.guest.events()).isEmpty();
    }

    @Test
    @Tag("D5")
    void d5DeliveryEndsPendingBeforeTheGuestClears() {
        Rig rig = Rig.enabled();

        rig.fault(T1);

        assertThat(rig.guest.events()).containsExactly("SDEI_EVENT {1,0x1005}");
        assertThat(rig.steps()).containsExactly("DELIVERED 0x1005 from 10");
        assertThat(rig.notifications().notPresent().isPending()).isFalse();
        assertThat(rig.notifications().notPresent().token()).isEqualTo(Token.NONE);
        assertThat(rig.area()).isEqualTo("{1,0x1005}");
    }

    @Test
    @Tag("D4")
    void d4TheGuestClearsTokenThenReasonThenCompletes() {
        Rig rig = Rig.enabled();
        rig.fault(T1);

        rig.clear(AreaWords.TOKEN);
        assertThat(rig.area()).isEqualTo("{1,0x0}");
        rig.clear(AreaWords.REASON);
        assertThat(rig.area()).isEqualTo(FREE);
        rig.sdei(SdeiCalls.EVENT_COMPLETE_AND_RESUME, 0x480);
        rig.fault(T2);

        assertThat(rig.owner.verdicts()).containsExactly("ACCEPTED 0x1005", "ACCEPTED 0x2005");
    }

    @Test
    @Tag("D1")
    void d1NoEventShowsReasonOneWithoutItsToken() {
        Rig rig = Rig.enabled();

        for (int sequence = 1; sequence <= 3; sequence++) {
            int token = Token.of(sequence, VCPU);
            rig.fault(token);
            assertThat(rig.guest.events()).contains("SDEI_EVENT {1," + Token.format(token) + "}");
            rig.nph();
        }
    }

    @Test
    @Tag("B5")
    void b5RefusedWhileAHandlerRuns() {
        Rig rig = Rig.enabled();
        rig.fault(T1);
        rig.clear(AreaWords.BOTH);

        assertRefused(rig, "EVENT_RUNNING");
    }

    @Test
    @Tag("B6")
    void b6RefusedWhileThePeIsMasked() {
        Rig rig = Rig.enabled();
        rig.sdei(SdeiCalls.PE_MASK);

        assertRefused(rig, "PE_MASKED");
        assertThat(rig.area()).isEqualTo(FREE);
    }

    @Test
    @Tag("B7")
    void b7RefusedWhileTheEventIsDisabledOrUnregistered() {
        Rig rig = Rig.enabled();
        rig.sdei(SdeiCalls.EVENT_DISABLE, EVENT);
        assertRefused(rig, "EVENT_DISABLED");
        assertThat(rig.area()).isEqualTo(FREE);

        rig.sdei(SdeiCalls.EVENT_UNREGISTER, EVENT);
        assertRefused(rig, "EVENT_UNREGISTERED");
    }

    @Test
    @Tag("B8")
    void b8RefusedWhileTheAreaHoldsAnUnhandledNotification() {
        Rig rig = Rig.enabled();
        rig.fault(T1);
        rig.sdei(SdeiCalls.EVENT_COMPLETE, 0);

        assertRefused(rig, "AREA_BUSY");
        assertThat(rig.area()).isEqualTo("{1,0x1005}");
    }

    /** I44, T7: the guest did not take the token, so the area is not held for it; its completion is told all the same. */
    @Test
    @Tag("D8")
    void aHandlerThatFailsGivesTheAreaBackAndItsTokenIsStillCompleted() {
        Rig rig = Rig.enabled();
        rig.fault(T1);

        rig.sdei(SdeiCalls.EVENT_COMPLETE, 1);

        assertThat(rig.area()).isEqualTo("{0,0x0}");
        rig.publish(T2);
        assertThat(rig.owner.verdicts()).contains("ACCEPTED 0x2005");
        rig.ent();
        rig.nph();
        rig.complete(T1);
        rig.guest.events();
        rig.ent();
        assertThat(rig.guest.events()).containsExactly("INTERRUPT 17 {2,0x1005}");
    }

    /** A handler that failed for another reason than a "page not present" leaves the area as it was. */
    @Test
    @Tag("D8")
    void anotherEventsFailureLeavesTheAreaAlone() {
        Rig rig = Rig.enabled();
        rig.sdei(SdeiCalls.EVENT_REGISTER, 0, Rig.ENTRY);
        rig.sdei(SdeiCalls.EVENT_ENABLE, 0);
        rig.park(T1);
        rig.complete(T1);
        rig.sdei(SdeiCalls.EVENT_SIGNAL, 0, Mpidr.of(Rig.VCPU));
        rig.ent();
        assertThat(rig.area()).isEqualTo("{2,0x1005}");

        rig.sdei(SdeiCalls.EVENT_COMPLETE, 1);

        assertThat(rig.area()).isEqualTo("{2,0x1005}");
    }

    @Test
    @Tag("B9")
    void b9RefusedWhenTheGuestClearedOneWordOnly() {
        Rig rig = Rig.enabled();
        rig.fault(T1);
        rig.clear(AreaWords.REASON);
        rig.sdei(SdeiCalls.EVENT_COMPLETE, 0);
        assertThat(rig.area()).isEqualTo("{0,0x1005}");

        assertRefused(rig, "AREA_BUSY");
    }

    @Test
    @Tag("B11")
    @Tag("D7")
    void b11RefusedWhileTheAreaCannotBeAccessed() {
        Rig rig = Rig.enabled();
        rig.makeAreaAccessible(false);

        assertRefused(rig, "AREA_UNREADABLE");
    }

    @Test
    void refusedWhileTheEventIsPending() {
        Rig rig = Rig.enabled();
        rig.publish(T1);
        rig.owner.verdicts();

        assertRefused(rig, "EVENT_PENDING");
    }

    @Test
    void refusedWhileAPublicationIsPendingThoughTheGuestUndidItsEvent() {
        Rig rig = Rig.enabled();
        rig.publish(T1);
        rig.owner.verdicts();
        rig.clear(AreaWords.BOTH);
        rig.sdei(SdeiCalls.EVENT_UNREGISTER, EVENT);
        rig.sdei(SdeiCalls.EVENT_REGISTER, EVENT, Rig.ENTRY);
        rig.sdei(SdeiCalls.EVENT_ENABLE, EVENT);

        assertRefused(rig, "EVENT_PENDING");
    }

    @Test
    @Tag("F6")
    void f6RefusedBetweenClearAndAcknowledge() {
        Rig rig = Rig.enabled();
        rig.park(T1);
        rig.complete(T1);
        rig.ent();
        rig.clear(AreaWords.BOTH);
        rig.owner.verdicts();

        assertRefused(rig, "READY_UNACKNOWLEDGED");
    }

    @Test
    void refusedWhenNotArmedAndWithoutAGuest() {
        Rig rig = Rig.created();
        rig.publish(T1);
        assertThat(rig.owner.verdicts()).containsExactly("REFUSED 0x1005 NO_GUEST");

        rig.comeUp();
        rig.owner.verdicts();
        assertRefused(rig, "NOT_ARMED");
    }

    @Test
    void refusedWhileTheGuestIsCongested() {
        Rig rig = Rig.enabled();
        rig.guest.congested(true);

        assertRefused(rig, "NO_GUEST");
    }

    @Test
    void refusedForATokenThatIsNotThisVcpusToIssue() {
        Rig rig = Rig.enabled();
        rig.publish(Token.of(1, VCPU + 1));
        rig.publish(Token.of(0, VCPU));
        rig.publish(Token.WAKE_ALL);
        rig.park(T1);
        rig.publish(T1);

        assertThat(rig.owner.verdicts())
                .containsExactly(
                        "REFUSED 0x1006 INVALID",
                        "REFUSED 0x5 INVALID",
                        "REFUSED 0xffffffff INVALID",
                        "ACCEPTED 0x1005",
                        "REFUSED 0x1005 INVALID");
    }

    @Test
    void refusedWhenSixtyFourTokensAreOutstanding() {
        Rig rig = Rig.enabled();
        for (int sequence = 1; sequence <= 64; sequence++) {
            rig.park(Token.of(sequence, VCPU));
        }
        rig.forget();

        rig.publish(Token.of(65, VCPU));
        assertThat(rig.owner.verdicts()).containsExactly("REFUSED 0x41005 LIMIT");

        rig.complete(T1);
        rig.ent();
        rig.rdyh();
        rig.publish(Token.of(65, VCPU));
        assertThat(rig.owner.verdicts()).containsExactly("READY 0x1005", "ACCEPTED 0x41005");
    }

    @Test
    void staleAndUnknownPublicationsChangeNothing() {
        Rig rig = Rig.enabled();

        rig.owner.session.publish(VM, VCPU, EPOCH, T1, 1);
        rig.owner.session.publish(VM, VCPU + 1, EPOCH, Token.of(1, VCPU + 1), 1);
        rig.owner.session.publish(VM + 1, VCPU, EPOCH, T1, 1);
        rig.ent();

        assertThat(rig.owner.verdicts()).containsExactly("STALE 0x1005", "UNKNOWN 0x1006", "UNKNOWN 0x1005");
        assertThat(rig.area()).isEqualTo(FREE);
        assertThat(rig.guest.events()).isEmpty();
        assertThat(rig.steps()).isEmpty();
    }

    /** I5, I12: a refusal leaves no trace. */
    private static void assertRefused(Rig rig, String why) {
        Notifications notifications = rig.notifications();
        String area = rig.area();
        boolean pending = notifications.notPresent().isPending();
        boolean triggered = notifications.event().isPending();
        int outstanding = notifications.tokens().size();
        rig.steps();
        rig.owner.verdicts();

        rig.publish(T2);

        assertThat(rig.owner.verdicts()).containsExactly("REFUSED 0x2005 " + why);
        assertThat(rig.area()).isEqualTo(area);
        assertThat(notifications.notPresent().isPending()).isEqualTo(pending);
        assertThat(notifications.event().isPending()).isEqualTo(triggered);
        assertThat(notifications.tokens().size()).isEqualTo(outstanding);
        assertThat(rig.steps()).isEmpty();
    }
}
