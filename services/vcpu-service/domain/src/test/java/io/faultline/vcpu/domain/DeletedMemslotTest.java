// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import static io.faultline.vcpu.domain.Rig.BASE_GFN;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.PageSource;
import io.faultline.vcpu.domain.FrameTable.Use;
import org.junit.jupiter.api.Test;

/** What a deleted memslot's pages leave behind: nothing, in frames or in the tiers. */
class DeletedMemslotTest {
    private static final long GFN = BASE_GFN + 5;
    private static final long VERSION = 77;

    private final Rig rig = new Rig(0);

    @Test
    void aPageInTheTiersIsDiscarded() {
        rig.swapOut(GFN);

        delete();

        assertThat(rig.seen.discards).containsExactly(new RecordingEffects.PageName(GFN, VERSION));
    }

    @Test
    void aResidentPagesCopyIsDiscardedAndItsFrameIsFree() {
        rig.swapOut(GFN);
        rig.fault(0, GFN);
        rig.data(GFN);

        delete();

        assertThat(rig.seen.discards).containsExactly(new RecordingEffects.PageName(GFN, VERSION));
        assertThat(rig.count(Use.FREE)).isEqualTo(Rig.FRAMES);
    }

    @Test
    void anArrivingPagesFaultFailsAndItsFrameIsFreeOnceTheFetchIsAnswered() {
        rig.swapOut(GFN);
        long fault = rig.fault(0, GFN);
        int frame = rig.seen.fetches.keySet().iterator().next();

        delete();

        assertThat(rig.outcome(fault)).isEqualTo("FAILED NO_MEMSLOT");
        assertThat(rig.seen.discards).containsExactly(new RecordingEffects.PageName(GFN, VERSION));
        assertThat(rig.count(Use.FREE)).isEqualTo(Rig.FRAMES - 1);
        rig.vm.fetched(frame, PageSource.SWAP_STORE, rig.nowNs);
        assertThat(rig.count(Use.FREE)).isEqualTo(Rig.FRAMES);
    }

    @Test
    void aPageOnItsWayOutKeepsItsFrameUntilTheWriteIsAnswered() {
        rig.writeFault(0, GFN);
        rig.startWriteOut(GFN);
        int frame = rig.takeWriteOut(GFN);

        delete();

        assertThat(rig.count(Use.FREE)).isEqualTo(Rig.FRAMES - 1);
        rig.vm.stored(frame, 1, rig.nowNs);
        assertThat(rig.count(Use.FREE)).isEqualTo(Rig.FRAMES);
        assertThat(rig.seen.discards).extracting(RecordingEffects.PageName::gfn).containsExactly(GFN);
    }

    private void delete() {
        rig.vm.setMemslot(new Memslot(0, BASE_GFN, 0, false), rig.nowNs);
    }
}
