// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.Refusal;
import io.faultline.model.StepKind;
import io.faultline.model.SyncReason;
import io.faultline.model.Token;
import io.faultline.vcpu.domain.RecordingEffects.Command;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The hypercall and the ioctl, with the kernel's codes. */
class ControlBlockTest {
    private static final long ON = Rig.AREA | 1;
    private final Rig rig = new Rig(0);

    @Test
    @Tag("G16")
    void theQuestionsHaveTheKernelsAnswers() {
        assertThat(rig.result(rig.hypercall(0, 0, 0))).isEqualTo(0x01_0000);
        assertThat(rig.result(rig.hypercall(0, 1, 0))).isEqualTo(64);
        assertThat(rig.result(rig.hypercall(0, 2, 0))).isEqualTo(0x4040_0001);
        assertThat(rig.result(rig.hypercall(0, 3, 0))).isEqualTo(17);
    }

    @ParameterizedTest
    @Tag("G16")
    @ValueSource(ints = {5, 6, -1})
    void unknownFunctionsAreNotSupported(int function) {
        assertThat(rig.result(rig.hypercall(0, function, 0))).isEqualTo(-1);
    }

    /** G1, I28. */
    @Test
    @Tag("G1")
    void enablingArmsThenWakesAllThenAnswers() {
        long request = rig.hypercallEnable(0, ON);
        Command arm = rig.take("ARM");
        assertThat(arm.epoch()).isEqualTo(Rig.REGISTERED + 1);
        assertThat(rig.seen.results).doesNotContainKey(request);

        rig.vcpu(0).armed(arm.epoch(), rig.nowNs);

        assertThat(rig.take("WAKE_ALL").epoch()).isEqualTo(arm.epoch());
        assertThat(rig.result(request)).isZero();
        assertThat(rig.vcpu(0).works()).isEqualTo(1);
        assertThat(rig.steps(0)).endsWith(StepKind.ENABLED);
    }

    /** I6. */
    @Test
    void aWakeAllCountsUntilItIsPublished() {
        rig.enable(0);

        assertThat(rig.vcpu(0).works()).isZero();
        rig.vcpu(0).ready(rig.vcpu(0).epoch(), Token.WAKE_ALL, rig.nowNs);
        assertThat(rig.vm.counters().staleMessages()).isEqualTo(1);
    }

    /** I31. */
    @Test
    void aRefusedArmingLeavesItDisabled() {
        long request = rig.hypercallEnable(0, ON);
        rig.vcpu(0).refused(rig.vcpu(0).epoch(), Token.NONE, Refusal.NO_GUEST, rig.nowNs);

        assertThat(rig.result(request)).isEqualTo(-1);
        assertThat(control()).isZero();
    }

    @Test
    void withoutANotifierItCannotBeEnabled() {
        rig.vm.notifierLost(rig.nowNs);

        assertThat(rig.result(rig.hypercallEnable(0, ON))).isEqualTo(-1);
    }

    @Test
    void aNewerRequestSupersedesTheOneUnderWay() {
        long first = rig.hypercallEnable(0, ON);
        Command arm = rig.take("ARM");
        long second = rig.hypercallEnable(0, ON + 64);
        assertThat(rig.result(first)).isEqualTo(-1);

        rig.vcpu(0).armed(arm.epoch(), rig.nowNs);
        assertThat(rig.seen.results).doesNotContainKey(second);
        assertThat(rig.take("DISARM").epoch()).isEqualTo(arm.epoch());
        rig.vcpu(0).armed(rig.take("ARM").epoch(), rig.nowNs);

        assertThat(rig.result(second)).isZero();
        assertThat(control()).isEqualTo(ON + 64);
    }

    @Test
    @Tag("G10")
    void theSameWordTwiceIsNotRequired() {
        assertThat(rig.result(rig.hypercallEnable(0, 0))).isEqualTo(-2);
        rig.enable(0);

        assertThat(rig.result(rig.hypercallEnable(0, ON))).isEqualTo(-2);
        assertThat(rig.seen.commands).isEmpty();
    }

    /** G10, the policy of 2026. */
    @Test
    @Tag("G10")
    void anotherAddressWhileEnabledArmsAgain() {
        rig.enable(0);

        long request = rig.hypercallEnable(0, ON + 64);
        rig.take("DISARM");
        rig.vcpu(0).armed(rig.take("ARM").epoch(), rig.nowNs);

        assertThat(rig.result(request)).isZero();
        assertThat(control()).isEqualTo(ON + 64);
    }

    @Test
    @Tag("G11")
    void withoutEventOrInterruptItCannotBeEnabled() {
        rig.ioctl(0, 4, 0);
        assertThat(rig.result(rig.hypercallEnable(0, ON))).isEqualTo(-3);
        rig.ioctl(0, 4, 0x4040_0001);
        rig.ioctl(0, 5, 0);
        assertThat(rig.result(rig.hypercallEnable(0, ON))).isEqualTo(-3);
    }

    /** G12; bit 1 is SEND_ALWAYS and allowed. */
    @ParameterizedTest
    @Tag("G12")
    @ValueSource(longs = {ON | 4, ON | 8, ON | 16, ON | 32, Rig.AREA, 2})
    void reservedBitsAreRefusedAndChangeNothing(long word) {
        assertThat(rig.result(rig.hypercallEnable(0, word))).isEqualTo(-3);
        assertThat(control()).isZero();
        assertThat(rig.vcpu(0).epoch()).isEqualTo(Rig.REGISTERED);
    }

    @Test
    @Tag("G13")
    void theWordIsPutTogetherFromTwoArguments() {
        rig.vm.setMemslot(new Memslot(4, 0x18_0000, 1, false), rig.nowNs);
        rig.vcpu(0).hypercall(900, 4, 0x8000_0041, 1, rig.nowNs);
        rig.vcpu(0).armed(rig.take("ARM").epoch(), rig.nowNs);

        assertThat(control()).isEqualTo(0x1_8000_0041L);
    }

    /** G15: the host could not write the area. */
    @ParameterizedTest
    @Tag("G15")
    @ValueSource(longs = {1, (Rig.BASE_GFN + Rig.PAGES) << 12 | 1})
    void anAreaOutsideWritableMemoryIsNotSupported(long word) {
        assertThat(rig.result(rig.hypercallEnable(0, word))).isEqualTo(-1);
        assertThat(control()).isZero();
    }

    @Test
    @Tag("G17")
    void savedStateLoadsInTheKernelsOrderOnly() {
        rig.ioctl(0, 5, 0);
        assertThat(rig.result(rig.ioctl(0, 6, ON))).isEqualTo(-5);

        assertThat(rig.result(rig.ioctl(0, 4, 0x4040_0002))).isZero();
        assertThat(rig.result(rig.ioctl(0, 5, 20))).isZero();
        long control = rig.ioctl(0, 6, ON);
        rig.vcpu(0).armed(rig.take("ARM").epoch(), rig.nowNs);

        assertThat(rig.result(control)).isZero();
        assertThat(rig.value(rig.ioctl(0, 0, 0))).isEqualTo(0x01_0000);
        assertThat(rig.value(rig.ioctl(0, 1, 0))).isEqualTo(0x4040_0002);
        assertThat(rig.value(rig.ioctl(0, 2, 0))).isEqualTo(20);
        assertThat(rig.value(rig.ioctl(0, 3, 0))).isEqualTo(ON);
    }

    /** G18, the target's answer. */
    @Test
    @Tag("G18")
    void settingControl0WhenDisabledIsNoError() {
        assertThat(rig.result(rig.ioctl(0, 6, 0))).isZero();
    }

    @Test
    void ioctlsKnowOneErrorForTheirValues() {
        assertThat(rig.result(rig.ioctl(0, 7, 0))).isEqualTo(-22);
        assertThat(rig.result(rig.ioctl(0, 5, 15))).isEqualTo(-22);
        assertThat(rig.result(rig.ioctl(0, 4, 1L << 32))).isEqualTo(-22);
        rig.enable(0);
        assertThat(rig.result(rig.ioctl(0, 6, ON))).isEqualTo(-5);
    }

    /** G7: nothing is outstanding any more, tasks parked are the next enable's to wake. */
    @Test
    @Tag("G7")
    void disablingDropsWhatIsOutstanding() {
        rig.swapOut(0x200, 0x201, 0x202);
        rig.enable(0);
        long onItsWay = rig.parked(0, 0x200);
        long completing = rig.parked(0, 0x201);
        rig.data(0x201);
        rig.take("COMPLETE");
        long undecided = rig.fault(0, 0x202);
        rig.take("PUBLISH");
        long epoch = rig.vcpu(0).epoch();

        assertThat(rig.result(rig.hypercallEnable(0, 0))).isZero();

        assertThat(rig.take("DISARM").epoch()).isEqualTo(epoch);
        assertThat(rig.vcpu(0).epoch()).isEqualTo(epoch + 1);
        assertThat(rig.vcpu(0).works()).isZero();
        assertThat(rig.outcome(completing)).isEqualTo("RESOLVED 0x2000 SWAP_STORE DROPPED");
        rig.data(0x200);
        assertThat(rig.outcome(onItsWay)).isEqualTo("RESOLVED 0x1000 SWAP_STORE DROPPED");
        rig.data(0x202);
        assertThat(rig.outcomes(undecided)).containsExactly(Rig.sync(SyncReason.DISABLED));
        assertThat(rig.seen.commands).isEmpty();
    }

    /** G20: as disabling, by a command of the new epoch; the VMM's numbers stay. */
    @Test
    @Tag("G20")
    void aResetDropsWhatIsOutstandingAndKeepsTheNumbers() {
        rig.swapOut(0x200);
        rig.ioctl(0, 5, 20);
        rig.enable(0);
        long onItsWay = rig.parked(0, 0x200);
        long epoch = rig.vcpu(0).epoch();

        rig.vcpu(0).reset(rig.nowNs);

        assertThat(rig.take("RESET").epoch()).isEqualTo(epoch + 1);
        assertThat(rig.vcpu(0).epoch()).isEqualTo(epoch + 1);
        assertThat(rig.vcpu(0).works()).isZero();
        assertThat(control()).isZero();
        assertThat(rig.result(rig.hypercall(0, 3, 0))).isEqualTo(20);
        rig.data(0x200);
        assertThat(rig.outcome(onItsWay)).isEqualTo("RESOLVED 0x1000 SWAP_STORE DROPPED");
    }

    private long control() {
        return rig.value(rig.ioctl(0, 3, 0));
    }
}
