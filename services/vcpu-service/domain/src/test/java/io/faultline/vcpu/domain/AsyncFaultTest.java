// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.faultline.model.FailReason;
import io.faultline.model.Refusal;
import io.faultline.model.StepKind;
import io.faultline.model.SyncReason;
import io.faultline.model.Token;
import io.faultline.vcpu.domain.RecordingEffects.Command;
import io.faultline.vcpu.domain.RecordingEffects.Step;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class AsyncFaultTest {
    private static final long GFN = 0x200;
    private final Rig rig = new Rig(0, 1);

    AsyncFaultTest() {
        rig.swapOut(GFN, GFN + 1, GFN + 2);
        rig.enable(0);
        rig.enable(1);
    }

    @Test
    @Tag("A1")
    @Tag("D3")
    void aMissingPageIsPublishedAndFetchedAtTheSameTime() {
        rig.fault(0, GFN);

        assertThat(rig.seen.commands)
                .extracting(Command::kind, Command::token)
                .containsExactly(tuple("PUBLISH", 0x1000));
        assertThat(rig.seen.fetches).hasSize(1);
        assertThat(rig.vcpu(0).state()).isEqualTo(Vcpu.State.AWAITING_VERDICT);
    }

    /** E2, F1: the access is carried out, and the page mapped, before the completion goes out. */
    @Test
    @Tag("E2")
    @Tag("F1")
    void anAcceptedFaultResolvesWhenPageReadyIsPublished() {
        long ref = rig.parked(0, GFN);
        assertThat(rig.outcomes(ref)).containsExactly("ASYNC 0x1000");

        rig.data(GFN);
        assertThat(rig.all(ref)).containsExactly("ASYNC 0x1000", "access");
        assertThat(rig.state(GFN)).isEqualTo(PageState.RESIDENT);
        rig.ready(0);

        assertThat(rig.outcome(ref)).isEqualTo("RESOLVED 0x1000 SWAP_STORE READY");
        assertThat(rig.vcpu(0).works()).isZero();
    }

    @Test
    @Tag("E1")
    void aPageBeforeTheVerdictIsHeldAndMappedAfterIt() {
        long ref = rig.fault(0, GFN);
        rig.data(GFN);
        assertThat(rig.all(ref)).isEmpty();

        rig.accept(0);
        rig.take("WITHDRAW");
        rig.cancel(0);

        assertThat(rig.all(ref)).containsExactly("ASYNC 0x1000", "access", "RESOLVED 0x1000 SWAP_STORE CANCELLED");
    }

    /** The notifier may let a publication wait for the guest; the vCPU waits for the page at the most. */
    @Test
    void aPageBeforeTheVerdictWithdrawsThePublication() {
        long ref = rig.fault(0, GFN);
        rig.data(GFN);
        assertThat(rig.seen.commands)
                .extracting(Command::kind, Command::token)
                .containsExactly(tuple("PUBLISH", 0x1000), tuple("WITHDRAW", 0x1000));

        rig.refuse(0, Refusal.READY_UNACKNOWLEDGED);

        assertThat(rig.outcomes(ref)).containsExactly(Rig.sync(SyncReason.READY_UNACKNOWLEDGED));
        assertThat(rig.vcpu(0).works()).isZero();
    }

    /** A notifier of an earlier release refuses the withdrawal as well; that must not be taken for the next one's verdict. */
    @Test
    void theTokenOfAPublicationThatWasWithdrawnIsNotDrawnAgain() {
        rig.fault(0, GFN);
        rig.data(GFN);
        rig.refuse(0, Refusal.READY_UNACKNOWLEDGED);
        rig.take("WITHDRAW");
        long next = rig.fault(0, GFN + 1);

        rig.vcpu(0).refused(rig.vcpu(0).epoch(), 0x1000, Refusal.INVALID, 0);
        rig.accept(0);

        assertThat(rig.outcomes(next)).containsExactly("ASYNC 0x2000");
    }

    @Test
    void aPageThatIsLostBeforeTheVerdictWithdrawsThePublication() {
        long ref = rig.fault(0, GFN);
        rig.lost(GFN, FailReason.PAGE_ABSENT);
        assertThat(rig.seen.commands).extracting(Command::kind).containsExactly("PUBLISH", "WITHDRAW");

        rig.refuse(0, Refusal.AREA_BUSY);

        assertThat(rig.outcomes(ref)).containsExactly("FAILED PAGE_ABSENT");
    }

    @Test
    void aPageAfterTheVerdictWithdrawsNothing() {
        rig.parked(0, GFN);
        rig.data(GFN);

        assertThat(rig.seen.commands).extracting(Command::kind).containsExactly("COMPLETE");
    }

    /** F6: in kernel mode interrupts may be masked, so nothing would end the wait but the page. */
    @Test
    void aFaultInKernelModeMayNotWait() {
        rig.enable(1, Rig.AREA | 3);
        rig.kernelFault(1, GFN);
        rig.data(GFN);

        assertThat(rig.seen.commands).extracting(Command::kind).containsExactly("PUBLISH_NOW");
    }

    @Test
    void whatAFaultAsksOfTheOtherPlanesNamesIt() {
        long first = rig.parked(0, GFN);
        long second = rig.fault(1, GFN + 1);
        rig.refuse(1, Refusal.PE_MASKED);
        rig.data(GFN);

        assertThat(rig.seen.causes)
                .containsExactly(
                        "PUBLISH " + first,
                        "FETCH " + first,
                        "PUBLISH " + second,
                        "FETCH " + second,
                        "REFUSED PE_MASKED " + second,
                        "COMPLETE " + first);
    }

    @Test
    void aRepeatedFetchNamesTheFaultThatWaitsAndTheHostsNamesNone() {
        rig.host(GFN, HostAccess.READ);
        assertThat(rig.seen.causes).containsExactly("FETCH " + Effects.NO_FAULT);

        long joined = rig.fault(0, GFN);
        rig.unavailable(GFN);
        rig.advance(Arrivals.BACKOFF_MAX_NS);

        assertThat(rig.seen.causes)
                .containsExactly("FETCH " + Effects.NO_FAULT, "PUBLISH " + joined, "FETCH " + joined);
    }

    /** I12, F7: a refusal leaves nothing behind, not even the token's number. */
    @Test
    @Tag("F7")
    void aRefusedPublicationBecomesSynchronousAndGivesItsTokenBack() {
        long refused = rig.fault(0, GFN);
        rig.refuse(0, Refusal.PE_MASKED);
        assertThat(rig.vcpu(0).works()).isZero();
        assertThat(rig.vcpu(0).state()).isEqualTo(Vcpu.State.STANDING_STILL);
        rig.data(GFN);
        assertThat(rig.all(refused)).containsExactly("access", Rig.sync(SyncReason.PE_MASKED));
        assertThat(rig.seen.commands).isEmpty();

        rig.fault(0, GFN + 1);

        assertThat(rig.seen.commands).extracting(Command::token).containsExactly(0x1000);
    }

    @Test
    void aRefusalAfterThePageMapsAtOnce() {
        long ref = rig.fault(0, GFN);
        rig.data(GFN);
        rig.refuse(0, Refusal.AREA_BUSY);

        assertThat(rig.outcomes(ref)).containsExactly(Rig.sync(SyncReason.AREA_BUSY));
    }

    /** C1: one work, one fetch. */
    @Test
    @Tag("C1")
    void aSecondFaultOnTheSamePageWaitsForItWithoutAToken() {
        rig.parked(0, GFN);
        long second = rig.fault(0, GFN);
        assertThat(rig.seen.commands).isEmpty();
        assertThat(rig.seen.fetches).hasSize(1);

        rig.data(GFN);

        assertThat(rig.outcomes(second)).containsExactly(Rig.sync(SyncReason.DUPLICATE));
    }

    @Test
    @Tag("C2")
    @Tag("A3")
    void twoVcpusShareAFetchAndHaveATokenEach() {
        long first = rig.parked(0, GFN);
        long second = rig.parked(1, GFN);
        assertThat(rig.seen.fetches).hasSize(1);

        rig.data(GFN);
        rig.ready(0);
        rig.ready(1);

        assertThat(rig.outcome(first)).isEqualTo("RESOLVED 0x1000 SWAP_STORE READY");
        assertThat(rig.outcome(second)).isEqualTo("RESOLVED 0x1001 SWAP_STORE READY");
    }

    /** B15: the limit is checked before a token is drawn. */
    @Test
    @Tag("B15")
    void the65thWorkIsSynchronousAndCostsNoToken() {
        for (int i = 0; i < 64; i++) {
            rig.swapOut(0x1000 + i);
            rig.parked(0, 0x1000 + i);
        }
        rig.swapOut(0x2000, 0x2001);
        long refused = rig.fault(0, 0x2000);
        rig.data(0x2000);
        assertThat(rig.outcomes(refused)).containsExactly(Rig.sync(SyncReason.WORKS_LIMIT));

        rig.data(0x1000);
        rig.ready(0);
        long next = rig.parked(0, 0x2001);

        assertThat(rig.outcomes(next)).containsExactly("ASYNC 0x41000");
    }

    @Test
    @Tag("B17")
    void worksCountUntilTheirVerdict() {
        for (int i = 0; i < 64; i++) {
            rig.swapOut(0x1000 + i);
            rig.parked(0, 0x1000 + i);
            rig.data(0x1000 + i);
            rig.take("COMPLETE");
        }
        rig.fault(0, GFN);

        assertThat(rig.vcpu(0).works()).isEqualTo(64);
        assertThat(rig.seen.commands).isEmpty();
    }

    @Test
    void laterFaultsWaitForTheVerdictAndAreDecidedInOrder() {
        rig.fault(0, GFN);
        long second = rig.fault(0, GFN + 1);
        long third = rig.fault(0, 0x5000);
        assertThat(rig.outcomes(third)).isEmpty();

        rig.accept(0);
        rig.accept(0);

        assertThat(rig.outcomes(second)).containsExactly("ASYNC 0x2000");
        assertThat(rig.outcomes(third)).containsExactly("MAPPED ZERO_FILL");
    }

    @Test
    void theFaultBehindAFullQueueIsRefused() {
        rig.fault(0, GFN);
        for (int i = 0; i < Vcpu.WAITING_FAULTS_MAX; i++) {
            rig.fault(0, GFN + 1);
        }

        long overflow = rig.fault(0, GFN + 1);

        assertThat(rig.outcomes(overflow)).containsExactly("FAILED OVERLOADED");
        assertThat(rig.vm.faultsInFlight()).isEqualTo(1 + Vcpu.WAITING_FAULTS_MAX);
    }

    /** I23, T10: completion is signalled all the same. */
    @Test
    void aLostPageFailsItsFaultAfterTheTokenHasEnded() {
        long ref = rig.parked(0, GFN);
        rig.lost(GFN, FailReason.PAGE_ABSENT);
        assertThat(rig.outcomes(ref)).containsExactly("ASYNC 0x1000");
        rig.ready(0);

        assertThat(rig.outcome(ref)).isEqualTo("FAILED PAGE_ABSENT");
        assertThat(rig.outcomes(rig.fault(0, GFN))).containsExactly("FAILED PAGE_ABSENT");
    }

    @Test
    void verdictsOfAnOldEpochHaveNoEffectAndAreCounted() {
        long ref = rig.fault(0, GFN);
        Command publish = rig.take("PUBLISH");

        rig.vcpu(0).accepted(publish.epoch() - 1, publish.token(), rig.nowNs);
        rig.vcpu(0).ready(publish.epoch() - 1, publish.token(), rig.nowNs);
        rig.vcpu(0).ready(publish.epoch(), publish.token(), rig.nowNs);
        rig.vcpu(0).refused(publish.epoch(), publish.token() + 0x1000, Refusal.AREA_BUSY, rig.nowNs);

        assertThat(rig.outcomes(ref)).isEmpty();
        assertThat(rig.vm.counters().staleMessages()).isEqualTo(4);
    }

    /** I24. */
    @Test
    void aDoubledReadyIsCountedOnly() {
        long ref = rig.parked(0, GFN);
        rig.data(GFN);
        Command complete = rig.take("COMPLETE");

        rig.vcpu(0).ready(complete.epoch(), complete.token(), rig.nowNs);
        rig.vcpu(0).ready(complete.epoch(), complete.token(), rig.nowNs);

        assertThat(rig.outcomes(ref)).hasSize(2);
        assertThat(rig.vm.counters().staleMessages()).isEqualTo(1);
    }

    @Test
    void aStaleCompletionDropsItsToken() {
        long ref = rig.parked(0, GFN);
        rig.data(GFN);
        Command complete = rig.take("COMPLETE");

        rig.vcpu(0).stale(complete.epoch(), complete.token(), rig.nowNs);

        assertThat(rig.outcome(ref)).isEqualTo("RESOLVED 0x1000 SWAP_STORE DROPPED");
        assertThat(rig.vcpu(0).works()).isZero();
    }

    @Test
    void anUnknownPublicationBecomesSynchronous() {
        long ref = rig.fault(0, GFN);
        Command publish = rig.take("PUBLISH");
        rig.vcpu(0).unknown(publish.epoch(), publish.token(), rig.nowNs);

        rig.data(GFN);

        assertThat(rig.outcomes(ref)).containsExactly(Rig.sync(SyncReason.NOTIFIER_UNAVAILABLE));
    }

    @Test
    void theAuditTrailTellsTheWholeStory() {
        rig.seen.steps.clear();
        rig.parked(0, GFN);
        rig.data(GFN);
        Command complete = rig.seen.commands.element();
        rig.ready(0);

        List<Step> steps = rig.seen.steps;
        assertThat(steps)
                .extracting(Step::kind)
                .containsExactly(StepKind.RAISED, StepKind.PUBLISHED, StepKind.INSTALLED, StepKind.RESOLVED);
        assertThat(steps.subList(1, 4))
                .extracting(Step::cause)
                .containsOnly(steps.getFirst().sequence());
        assertThat(complete.cause()).isEqualTo(steps.get(2).sequence());
        assertThat(steps).extracting(Step::token).containsExactly(Token.NONE, 0x1000, 0x1000, 0x1000);
    }
}
