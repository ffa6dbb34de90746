// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.FailReason;
import io.faultline.model.SyncReason;
import io.faultline.vcpu.domain.RecordingEffects.Command;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What decides whether a fault on a missing page goes asynchronous; a refusal has no side effect at all (I5). */
class EligibilityTest {
    private static final long GFN = 0x200;
    private final Rig rig = new Rig(0);

    EligibilityTest() {
        rig.swapOut(GFN, GFN + 1);
    }

    @Test
    @Tag("B1")
    void disabledIsSynchronousWithoutWorkOrToken() {
        assertThat(syncReasonOf(rig.fault(0, GFN))).isEqualTo(Rig.sync(SyncReason.DISABLED));
        assertThat(rig.vcpu(0).works()).isZero();

        rig.enable(0);
        rig.fault(0, GFN + 1);
        assertThat(rig.seen.commands).extracting(Command::token).containsExactly(0x1000);
    }

    @Test
    @Tag("B2")
    void kernelModeIsSynchronousByDefault() {
        rig.enable(0);

        assertThat(syncReasonOf(rig.kernelFault(0, GFN))).isEqualTo(Rig.sync(SyncReason.KERNEL_MODE));
    }

    @Test
    @Tag("B3")
    void kernelModeGoesAsynchronousWithSendAlways() {
        rig.enable(0, Rig.AREA | 3);

        assertThat(rig.outcomes(rig.kernelFault(0, GFN))).isEmpty();
        assertThat(rig.seen.commands).extracting(Command::kind).containsExactly("PUBLISH_NOW");
    }

    @Test
    @Tag("B4")
    void withoutAnIrqchipEveryFaultIsSynchronous() {
        Rig bare = new Rig(Rig.FRAMES, false, 0);
        bare.swapOut(GFN);

        assertThat(bare.result(bare.hypercallEnable(0, Rig.AREA | 1))).isEqualTo(-1);
        long ref = bare.fault(0, GFN);
        bare.data(GFN);
        assertThat(bare.outcomes(ref)).containsExactly(Rig.sync(SyncReason.NO_IRQCHIP));
    }

    @Test
    @Tag("B12")
    void aPrefaultIsNeverAsynchronous() {
        rig.enable(0);

        assertThat(syncReasonOf(rig.prefault(0, GFN))).isEqualTo(Rig.sync(SyncReason.PREFAULT));
    }

    @Test
    @Tag("B13")
    void aResidentPageIsMappedAtOnce() {
        rig.enable(0);
        rig.fault(0, 0x5000);

        assertThat(rig.outcomes(rig.fault(0, 0x5000))).containsExactly("MAPPED RESIDENT");
        assertThat(rig.seen.commands).isEmpty();
    }

    @Test
    void aPageNeverWrittenIsFilledWithZerosWithoutAFetch() {
        assertThat(rig.all(rig.fault(0, 0x5000))).containsExactly("access", "MAPPED ZERO_FILL");
        assertThat(rig.seen.fetches).isEmpty();
    }

    @Test
    @Tag("B14")
    void anAddressOutsideTheMemslotsFails() {
        rig.enable(0);

        assertThat(rig.outcomes(rig.fault(0, 0x10))).containsExactly("FAILED NO_MEMSLOT");
        assertThat(rig.vcpu(0).works()).isZero();
    }

    @Test
    void aWriteToAReadOnlyMemslotFailsAndAReadDoesNot() {
        long readOnly = Rig.BASE_GFN + Rig.PAGES;

        assertThat(rig.outcomes(rig.writeFault(0, readOnly))).containsExactly("FAILED READ_ONLY");
        assertThat(rig.outcomes(rig.fault(0, readOnly))).containsExactly("MAPPED ZERO_FILL");
    }

    /** B18: what runs out here is frames. */
    @Test
    @Tag("B18")
    void withoutAFreeFrameAFaultWaitsForReclaimWithoutAToken() {
        Rig small = new Rig(64, true, 0, 1);
        small.enable(0);
        fillWithFetches(small);
        small.swapOut(GFN);

        long ref = small.fault(0, GFN);
        assertThat(small.seen.commands).isEmpty();
        small.data(0x1000);
        small.data(GFN);

        assertThat(small.outcomes(ref)).containsExactly(Rig.sync(SyncReason.NO_FRAME));
    }

    /** Every frame is reserved for a fetch that is not answered, by vCPU 1. */
    private static void fillWithFetches(Rig small) {
        small.enable(1);
        for (int i = 0; i < 64; i++) {
            small.swapOut(0x1000 + i);
            small.parked(1, 0x1000 + i);
        }
        assertThat(small.vm.framesInUse()).isEqualTo(64);
    }

    /** T10. */
    @Test
    void afterAFailedFetchTheNextFaultReportsSynchronously() {
        rig.enable(0);
        long first = rig.parked(0, GFN);
        rig.nowNs += Rig.DEADLINE_NS;
        rig.unavailable(GFN);
        rig.ready(0);
        assertThat(rig.outcome(first)).isEqualTo("FAILED PAGE_UNAVAILABLE");

        assertThat(syncReasonOf(rig.fault(0, GFN))).isEqualTo(Rig.sync(SyncReason.EARLIER_FAILURE));
    }

    @Test
    void aPoisonedPageFailsAtOnce() {
        long first = rig.fault(0, GFN);
        rig.lost(GFN, FailReason.PAGE_CORRUPT);

        assertThat(rig.outcomes(first)).containsExactly("FAILED PAGE_CORRUPT");
        assertThat(rig.outcomes(rig.fault(0, GFN))).containsExactly("FAILED PAGE_CORRUPT");
        assertThat(rig.seen.fetches).isEmpty();
    }

    private String syncReasonOf(long ref) {
        rig.data(GFN);
        return rig.outcome(ref);
    }
}
