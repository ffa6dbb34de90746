// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.FailReason;
import io.faultline.model.SyncReason;
import io.faultline.vcpu.domain.RecordingEffects.PageName;
import org.junit.jupiter.api.Test;

/** ReadMemory and WriteMemory, page by page. */
class HostAccessTest {
    private static final long GFN = 0x200;
    private final Rig rig = new Rig(64, true, 0);

    HostAccessTest() {
        rig.swapOut(GFN);
    }

    @Test
    void aReadFetchesThePageAndNoVcpuStandsStill() {
        long request = rig.host(GFN, HostAccess.READ);
        assertThat(rig.seen.hostAnswers).doesNotContainKey(request);
        assertThat(rig.vcpu(0).state()).isEqualTo(Vcpu.State.RUNNING);

        rig.data(GFN);

        assertThat(rig.seen.hostAnswers).containsEntry(request, "READY");
        assertThat(dirty()).isFalse();
    }

    @Test
    void aPartialWriteNeedsTheRestOfThePage() {
        long request = rig.host(GFN, HostAccess.WRITE);
        rig.data(GFN);

        assertThat(rig.seen.hostAnswers).containsEntry(request, "READY");
        assertThat(dirty()).isTrue();
        assertThat(rig.seen.discards).containsExactly(new PageName(GFN, 77));
    }

    @Test
    void aWholePageWriteNeedsNoFetch() {
        long request = rig.host(GFN, HostAccess.OVERWRITE);

        assertThat(rig.seen.hostAnswers).containsEntry(request, "READY");
        assertThat(rig.seen.fetches).isEmpty();
        assertThat(rig.seen.discards).containsExactly(new PageName(GFN, 77));
    }

    @Test
    void aWholePageWriteMakesAPoisonedPageWhole() {
        rig.fault(0, GFN);
        rig.lost(GFN, FailReason.PAGE_CORRUPT);
        assertThat(rig.seen.hostAnswers).containsEntry(rig.host(GFN, HostAccess.WRITE), "FAILED PAGE_CORRUPT");

        rig.host(GFN, HostAccess.OVERWRITE);

        assertThat(rig.outcomes(rig.fault(0, GFN))).containsExactly("MAPPED RESIDENT");
    }

    @Test
    void aWholePageWriteThatJoinedALostFetchGoesOnWithout() {
        long fault = rig.fault(0, GFN);
        long request = rig.host(GFN, HostAccess.OVERWRITE);

        rig.lost(GFN, FailReason.PAGE_ABSENT);

        assertThat(rig.outcomes(fault)).containsExactly("FAILED PAGE_ABSENT");
        assertThat(rig.seen.hostAnswers).containsEntry(request, "READY");
    }

    @Test
    void theHostMayWriteWhereGuestsMayNot() {
        long readOnly = Rig.BASE_GFN + Rig.PAGES;

        assertThat(rig.seen.hostAnswers).containsEntry(rig.host(readOnly, HostAccess.WRITE), "READY");
    }

    @Test
    void outsideTheMemslotsThereIsNothing() {
        assertThat(rig.seen.hostAnswers).containsEntry(rig.host(0x10, HostAccess.READ), "FAILED NO_MEMSLOT");
    }

    /** Reclaim's pace is the host's back-pressure. */
    @Test
    void aHostWriteWaitsForAFrame() {
        long request = 0;
        for (int i = 0; i < 65; i++) {
            request = rig.host(0x1000 + i, HostAccess.OVERWRITE);
        }
        assertThat(rig.seen.hostAnswers).doesNotContainKey(request);

        long gfn = rig.seen.writeOuts.values().iterator().next().gfn();
        rig.vm.stored(rig.takeWriteOut(gfn), 1, rig.nowNs);

        assertThat(rig.seen.hostAnswers).containsEntry(request, "READY");
    }

    @Test
    void aFaultBehindAWaitingHostWriteSeesWhatItWrote() {
        for (int i = 0; i < 64; i++) {
            rig.host(0x1000 + i, HostAccess.OVERWRITE);
        }
        rig.host(GFN, HostAccess.OVERWRITE);
        long fault = rig.fault(0, GFN);

        long gfn = rig.seen.writeOuts.values().iterator().next().gfn();
        rig.vm.stored(rig.takeWriteOut(gfn), 1, rig.nowNs);

        assertThat(rig.outcomes(fault)).containsExactly("MAPPED RESIDENT " + SyncReason.DISABLED);
    }

    private boolean dirty() {
        return rig.vm.memory().frames.has(rig.vm.memory().frameOf(rig.page(GFN)), FrameTable.DIRTY);
    }
}
