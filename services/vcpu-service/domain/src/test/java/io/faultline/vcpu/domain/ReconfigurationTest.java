// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.faultline.model.AsyncPf;
import io.faultline.model.Refusal;
import io.faultline.model.SyncReason;
import io.faultline.model.Token;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What changes under a vCPU that is in use: its word, its area's memory, its numbers, its host. */
class ReconfigurationTest {
    private static final long GFN = 0x200;
    private static final long ON = Rig.AREA | 1;

    private final Rig rig = new Rig(0);

    ReconfigurationTest() {
        rig.swapOut(GFN, GFN + 1);
    }

    /** I31: neither here nor at the notifier is anything left of the word before. */
    @Test
    @Tag("G10")
    @Tag("G15")
    void aRefusedReenablingLeavesItDisabledEverywhere() {
        rig.enable(0);
        long before = rig.vcpu(0).epoch();

        long request = rig.hypercallEnable(0, ON + 64);
        assertThat(rig.take("DISARM").epoch()).isEqualTo(before);
        rig.vcpu(0).refused(rig.take("ARM").epoch(), Token.NONE, Refusal.AREA_UNREADABLE, rig.nowNs);

        assertThat(rig.result(request)).isEqualTo(-1);
        assertThat(rig.vcpu(0).control()).isZero();
    }

    /** I6: a wake-all that never was holds no place among the 64. */
    @Test
    void aWakeAllThatIsNotQueuedDoesNotCount() {
        rig.hypercallEnable(0, ON);
        rig.vcpu(0).armed(rig.vcpu(0).epoch(), rig.nowNs);
        assertThat(rig.vcpu(0).works()).isEqualTo(1);

        rig.vcpu(0).already(rig.vcpu(0).epoch(), Token.WAKE_ALL, rig.nowNs);

        assertThat(rig.vcpu(0).works()).isZero();
        assertThat(rig.vm.counters().staleMessages()).isZero();
    }

    @Test
    void aWakeAllThatIsRefusedDoesNotCount() {
        rig.hypercallEnable(0, ON);
        rig.vcpu(0).armed(rig.vcpu(0).epoch(), rig.nowNs);

        rig.vcpu(0).refused(rig.vcpu(0).epoch(), Token.WAKE_ALL, Refusal.NOT_ARMED, rig.nowNs);

        assertThat(rig.vcpu(0).works()).isZero();
    }

    /** I5: the area is guest memory; where that is gone, or is read-only, faults are synchronous until it is back. */
    @Test
    @Tag("B11")
    void withoutItsAreasMemoryEveryFaultIsSynchronous() {
        rig.enable(0, ((Rig.BASE_GFN + Rig.PAGES + 0x1000) << 12) | 1);
        assertThat(rig.vcpu(0).control())
                .as("not enabled: outside the memslots")
                .isZero();
        Memslot area = new Memslot(2, Rig.BASE_GFN + Rig.PAGES + 0x1000, 1, false);
        rig.vm.setMemslot(area, rig.nowNs);
        rig.enable(0, (area.baseGfn() << 12) | 1);

        rig.vm.setMemslot(new Memslot(2, area.baseGfn(), 1, true), rig.nowNs);
        assertThat(syncReasonOf(GFN)).isEqualTo(Rig.sync(SyncReason.AREA_UNREADABLE));
        rig.vm.setMemslot(new Memslot(2, area.baseGfn(), 0, false), rig.nowNs);
        rig.swapOut(GFN);
        assertThat(syncReasonOf(GFN)).isEqualTo(Rig.sync(SyncReason.AREA_UNREADABLE));

        rig.vm.setMemslot(area, rig.nowNs);
        rig.fault(0, GFN + 1);
        assertThat(rig.take("PUBLISH").token()).isEqualTo(0x1000);
    }

    @ParameterizedTest
    @ValueSource(longs = {0x8000_0000L, 0xFFFF_FFFFL, 1L << 32, -1})
    void aNumberWithBit31OrMoreIsNoEvent(long event) {
        assertThat(rig.result(rig.ioctl(0, 4, event))).isEqualTo(-22);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> rig.vcpu(0).restore(event, 0, rig.nowNs))
                .withMessageContaining("(expected: 0 to 2147483647)");
        assertThat(rig.vcpu(0).sdeiEvent()).isEqualTo(AsyncPf.DEFAULT_SDEI_EVENT);
    }

    /** I32: what is outstanding here means nothing to a guest that comes from elsewhere. */
    @Test
    @Tag("G17")
    void restoringDropsWhatIsOutstandingAndSaysNothingYet() {
        rig.enable(0);
        long onItsWay = rig.parked(0, GFN);
        long epoch = rig.vcpu(0).epoch();

        rig.vcpu(0).restore(0x4040_0002, 20, rig.nowNs);

        assertThat(rig.seen.commands).isEmpty();
        assertThat(rig.vcpu(0).epoch()).isEqualTo(epoch + 1);
        assertThat(rig.vcpu(0).control()).isZero();
        assertThat(rig.vcpu(0).sdeiEvent()).isEqualTo(0x4040_0002);
        assertThat(rig.vcpu(0).pageReadyInterrupt()).isEqualTo(20);
        rig.data(GFN);
        assertThat(rig.outcome(onItsWay)).endsWith("DROPPED");
    }

    /** I32, I28: the tasks that the guest brought along asleep are woken by this, and refault with new tokens. */
    @Test
    @Tag("G17")
    void theWordRestoredLastWakesAll() {
        rig.vcpu(0).restore(0, 0, rig.nowNs);
        long request = rig.ioctl(0, 6, ON);
        rig.vcpu(0).armed(rig.take("ARM").epoch(), rig.nowNs);

        assertThat(rig.take("WAKE_ALL").token()).isEqualTo(Token.WAKE_ALL);
        assertThat(rig.result(request)).isZero();
        assertThat(rig.vcpu(0).control()).isEqualTo(ON);
    }

    @Test
    void anInterruptOutOfRangeIsNotRestored() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> rig.vcpu(0).restore(0, 32, rig.nowNs))
                .withMessage("page_ready_interrupt: 32 (expected: 0, or 16 to 31)");
    }

    private String syncReasonOf(long gfn) {
        long ref = rig.fault(0, gfn);
        rig.data(gfn);
        return rig.outcome(ref);
    }
}
