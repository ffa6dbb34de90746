// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.model.StepKind;
import io.faultline.vcpu.domain.FrameTable.Use;
import io.faultline.vcpu.domain.RecordingEffects.PageName;
import org.junit.jupiter.api.Test;

/** Pages on their way out and back; frames are 64, of which 2 to 4 are kept free. */
class ReclaimTest {
    private static final long GFN = 0x200;
    private final Rig rig = new Rig(64, true, 0);

    @Test
    void cleanZeroPagesAreDroppedAheadOfDemand() {
        for (int i = 0; i < 200; i++) {
            assertThat(rig.outcomes(rig.fault(0, 0x1000 + i))).containsExactly("MAPPED ZERO_FILL");
        }

        assertThat(rig.seen.writeOuts).isEmpty();
        assertThat(rig.vm.framesInUse()).isLessThanOrEqualTo(62);
        assertThat(rig.state(0x1000)).isEqualTo(PageState.ZERO);
    }

    @Test
    void dirtyPagesAreWrittenOutUnderANewVersion() {
        dirtyAll();

        assertThat(rig.seen.writeOuts.values())
                .extracting(PageName::version)
                .startsWith(Rig.REGISTERED, Rig.REGISTERED + 1);
        PageName first = rig.seen.writeOuts.values().iterator().next();
        rig.vm.stored(rig.takeWriteOut(first.gfn()), 99, rig.nowNs);

        assertThat(rig.state(first.gfn())).isEqualTo(PageState.SWAPPED);
        assertThat(rig.vm.memory().stage2.crc(rig.page(first.gfn()))).isEqualTo(99);
        assertThat(rig.steps(0)).endsWith(StepKind.WRITTEN_OUT);
    }

    /** The hand passes a page that was touched since it last came by. */
    @Test
    void anAccessedPageGetsASecondChance() {
        for (int i = 0; i < 64; i++) {
            rig.fault(0, 0x1000 + i);
        }
        for (int i = 0; i < 1_000; i++) {
            rig.fault(0, 0x1000);
            rig.fault(0, 0x2000 + i);
        }

        assertThat(rig.state(0x1000)).isEqualTo(PageState.RESIDENT);
    }

    @Test
    void aFrameIsNotReusedBeforeItsPageIsStored() {
        dirtyAll();
        int writing = rig.count(Use.WRITING_OUT);
        long waiting = faultUntilOneWaits();
        assertThat(rig.count(Use.WRITING_OUT)).isGreaterThanOrEqualTo(writing);

        PageName first = rig.seen.writeOuts.values().iterator().next();
        rig.vm.stored(rig.takeWriteOut(first.gfn()), 1, rig.nowNs);

        assertThat(rig.outcome(waiting)).isEqualTo("MAPPED ZERO_FILL NO_FRAME");
    }

    /** Dirties new pages until the write-outs hold up one of them. */
    private long faultUntilOneWaits() {
        long ref = 0;
        for (int i = 0; i < 64 && rig.vcpu(0).state() == Vcpu.State.RUNNING; i++) {
            ref = rig.writeFault(0, 0x4000 + i);
        }
        assertThat(rig.outcomes(ref)).isEmpty();
        return ref;
    }

    @Test
    void aPageTakenBackByAReadKeepsTheVersionJustStored() {
        rig.writeFault(0, GFN);
        rig.startWriteOut(GFN);

        assertThat(rig.outcomes(rig.fault(0, GFN))).containsExactly("MAPPED TAKEN_BACK");
        rig.vm.stored(rig.takeWriteOut(GFN), 1, rig.nowNs);

        assertThat(rig.seen.discards).isEmpty();
        assertThat(rig.vm.memory().frames.version(frame(GFN))).isEqualTo(Rig.REGISTERED);
    }

    @Test
    void aPageTakenBackByAWriteMakesTheVersionObsolete() {
        rig.writeFault(0, GFN);
        rig.startWriteOut(GFN);

        assertThat(rig.outcomes(rig.writeFault(0, GFN))).containsExactly("MAPPED TAKEN_BACK");
        assertThat(rig.seen.discards).isEmpty();
        rig.vm.stored(rig.takeWriteOut(GFN), 1, rig.nowNs);

        assertThat(rig.seen.discards).containsExactly(new PageName(GFN, Rig.REGISTERED));
        assertThat(rig.vm.memory().frames.has(frame(GFN), FrameTable.DIRTY)).isTrue();
    }

    @Test
    void aWriteToACleanPageDiscardsItsCopy() {
        rig.swapOut(GFN);
        rig.fault(0, GFN);
        rig.data(GFN);

        rig.writeFault(0, GFN);

        assertThat(rig.seen.discards).containsExactly(new PageName(GFN, 77));
    }

    /** Rule 9 of the planes. */
    @Test
    void aPageOfZerosIsNotStored() {
        rig.writeFault(0, GFN);
        rig.startWriteOut(GFN);

        rig.vm.storedZero(rig.takeWriteOut(GFN), rig.nowNs);

        assertThat(rig.state(GFN)).isEqualTo(PageState.ZERO);
        assertThat(rig.outcomes(rig.fault(0, GFN))).containsExactly("MAPPED ZERO_FILL");
    }

    @Test
    void anUnavailableStoreIsRepeatedLaterUnderTheSameName() {
        rig.writeFault(0, GFN);
        rig.startWriteOut(GFN);
        rig.vm.storeUnavailable(rig.takeWriteOut(GFN), rig.nowNs);
        assertThat(rig.seen.writeOuts).isEmpty();

        rig.advance(WriteOuts.BACKOFF_MIN_NS);

        assertThat(rig.seen.writeOuts).containsValue(new PageName(GFN, Rig.REGISTERED));
        assertThat(rig.state(GFN)).isEqualTo(PageState.WRITING_OUT);
    }

    @Test
    void aPageTakenBackAfterAnUnavailableStoreIsStillDirty() {
        rig.writeFault(0, GFN);
        rig.startWriteOut(GFN);
        rig.vm.storeUnavailable(rig.takeWriteOut(GFN), rig.nowNs);

        rig.fault(0, GFN);
        rig.advance(Rig.DEADLINE_NS);

        assertThat(rig.vm.memory().frames.has(frame(GFN), FrameTable.DIRTY)).isTrue();
        assertThat(rig.seen.writeOuts).isEmpty();
    }

    @Test
    void anUnavailableFetchIsRepeatedUntilTheDeadline() {
        rig.swapOut(GFN);
        long ref = rig.fault(0, GFN);
        for (int i = 0; i < 4; i++) {
            rig.unavailable(GFN);
            rig.advance(Arrivals.BACKOFF_MIN_NS << i);
            assertThat(rig.seen.fetches).hasSize(1);
        }
        rig.unavailable(GFN);

        rig.advance(Rig.DEADLINE_NS);

        assertThat(rig.outcomes(ref)).containsExactly("FAILED PAGE_UNAVAILABLE");
        assertThat(rig.vm.framesInUse()).isZero();
        assertThat(rig.state(GFN)).isEqualTo(PageState.SWAPPED);
    }

    @Test
    void aFaultThatFindsNoFrameGivesUpAtItsDeadline() {
        dirtyAll();
        long waiting = faultUntilOneWaits();

        rig.advance(Rig.DEADLINE_NS);

        assertThat(rig.outcomes(waiting)).containsExactly("FAILED PAGE_UNAVAILABLE");
    }

    @Test
    void anAnswerThatNobodyWaitsForIsAMistake() {
        assertThatThrownBy(() -> rig.vm.stored(3, 0, rig.nowNs))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("frame: 3 (expected: one with a write-out under way)");
    }

    private void dirtyAll() {
        for (int i = 0; i < 64; i++) {
            rig.writeFault(0, 0x1000 + i);
        }
    }

    private int frame(long gfn) {
        assertThat(rig.state(gfn)).isEqualTo(PageState.RESIDENT);
        return rig.vm.memory().frameOf(rig.page(gfn));
    }
}
