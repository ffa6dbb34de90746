// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.FailReason;
import io.faultline.model.Refusal;
import io.faultline.model.StepKind;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A page that is lost or corrupt fails each access to it once, on whatever way its fault is: nothing is mapped, nothing is
 * read as zeros, and no fault is raised to find out again.
 */
class PoisonTest {
    private static final long GFN = 0x200;

    private final Rig rig = new Rig(0, 1);

    @BeforeEach
    void enable() {
        rig.swapOut(GFN, GFN + 1);
        rig.enable(0);
        rig.enable(1);
    }

    /** I23: the token is completed, so the task wakes; its fault's outcome says that there is no page. */
    @ParameterizedTest
    @EnumSource(names = {"PAGE_ABSENT", "PAGE_CORRUPT"})
    void aTaskThatWaitsIsWokenAndItsFaultFailsOnce(FailReason reason) {
        long ref = rig.parked(0, GFN);
        rig.lost(GFN, reason);
        assertThat(rig.all(ref)).as("before the token has ended").containsExactly("ASYNC 0x1000");

        rig.ready(0);

        assertThat(rig.all(ref)).containsExactly("ASYNC 0x1000", "FAILED " + reason);
        assertThat(rig.vcpu(0).works()).isZero();
    }

    @Test
    void aCompletionThatIsCancelledFailsItsFaultAsWell() {
        long ref = rig.parked(0, GFN);
        rig.lost(GFN, FailReason.PAGE_ABSENT);

        rig.cancel(0);

        assertThat(rig.all(ref)).containsExactly("ASYNC 0x1000", "FAILED PAGE_ABSENT");
    }

    /** However often the guest tries again, it hears at once, synchronously and without another fetch. */
    @Test
    void everyLaterAccessFailsByItselfWithoutAFetch() {
        long first = rig.parked(0, GFN);
        rig.lost(GFN, FailReason.PAGE_CORRUPT);
        rig.ready(0);
        int fetches = rig.seen.fetches.size();

        for (int i = 0; i < 100; i++) {
            assertThat(rig.all(rig.fault(i % 2, GFN))).containsExactly("FAILED PAGE_CORRUPT");
            assertThat(rig.all(rig.writeFault(i % 2, GFN))).containsExactly("FAILED PAGE_CORRUPT");
        }

        assertThat(rig.all(first)).hasSize(2);
        assertThat(rig.seen.fetches).hasSize(fetches);
        assertThat(rig.seen.commands).isEmpty();
    }

    @Test
    void everyoneWhoWaitsForItHearsOnce() {
        long parked = rig.parked(0, GFN);
        long duplicate = rig.fault(0, GFN);
        long otherVcpus = rig.parked(1, GFN);
        long host = rig.host(GFN, HostAccess.READ);

        rig.lost(GFN, FailReason.PAGE_ABSENT);
        rig.ready(0);
        rig.ready(1);

        assertThat(rig.outcomes(parked)).endsWith("FAILED PAGE_ABSENT").hasSize(2);
        assertThat(rig.outcomes(duplicate)).containsExactly("FAILED PAGE_ABSENT");
        assertThat(rig.outcomes(otherVcpus)).endsWith("FAILED PAGE_ABSENT").hasSize(2);
        assertThat(rig.seen.hostAnswers).containsEntry(host, "FAILED PAGE_ABSENT");
    }

    @Test
    void aLossBeforeTheVerdictFailsTheFaultWhicheverWayThatDecides() {
        long accepted = rig.fault(0, GFN);
        rig.lost(GFN, FailReason.PAGE_ABSENT);
        rig.accept(0);
        rig.take("WITHDRAW");
        rig.ready(0);
        long refused = rig.fault(1, GFN + 1);
        rig.lost(GFN + 1, FailReason.PAGE_ABSENT);
        rig.refuse(1, Refusal.PE_MASKED);

        assertThat(rig.all(accepted)).containsExactly("ASYNC 0x1000", "FAILED PAGE_ABSENT");
        assertThat(rig.all(refused)).containsExactly("FAILED PAGE_ABSENT");
        assertThat(rig.vcpu(1).state()).isEqualTo(Vcpu.State.RUNNING);
    }

    @Test
    void aFaultWhoseTokenIsDroppedFailsWhenItsPageIsLost() {
        long onItsWay = rig.parked(0, GFN);
        long completing = rig.parked(0, GFN + 1);
        rig.lost(GFN + 1, FailReason.PAGE_CORRUPT);

        rig.vm.notifierLost(rig.nowNs);
        assertThat(rig.outcome(completing)).isEqualTo("FAILED PAGE_CORRUPT");
        rig.lost(GFN, FailReason.PAGE_ABSENT);

        assertThat(rig.outcome(onItsWay)).isEqualTo("FAILED PAGE_ABSENT");
    }

    /** The loss is of this page: its vCPU runs on, its neighbours are fetched, and its frame is free again. */
    @Test
    void nothingElseIsHurt() {
        rig.parked(0, GFN);
        rig.lost(GFN, FailReason.PAGE_ABSENT);
        rig.ready(0);
        assertThat(rig.vm.framesInUse()).isZero();

        long next = rig.parked(0, GFN + 1);
        rig.data(GFN + 1);
        rig.ready(0);

        assertThat(rig.outcome(next)).isEqualTo("RESOLVED 0x2000 SWAP_STORE READY");
        assertThat(rig.steps(0)).contains(StepKind.FETCH_FAILED).doesNotContain(StepKind.MAPPED);
    }

    /** Only bytes for the whole page end it: a guest's store knows some of them. */
    @Test
    void theHostMakesItWholeByWritingAllOfIt() {
        rig.fault(0, GFN);
        rig.accept(0);
        rig.lost(GFN, FailReason.PAGE_ABSENT);
        rig.ready(0);
        assertThat(rig.seen.hostAnswers.get(rig.host(GFN, HostAccess.WRITE))).isEqualTo("FAILED PAGE_ABSENT");

        assertThat(rig.seen.hostAnswers.get(rig.host(GFN, HostAccess.OVERWRITE)))
                .isEqualTo("READY");

        assertThat(rig.outcome(rig.fault(0, GFN))).isEqualTo("MAPPED RESIDENT");
    }
}
