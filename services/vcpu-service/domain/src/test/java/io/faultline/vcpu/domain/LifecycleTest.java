// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.faultline.model.FailReason;
import io.faultline.model.Refusal;
import io.faultline.model.StepKind;
import io.faultline.model.SyncReason;
import io.faultline.model.Token;
import io.faultline.vcpu.domain.RecordingEffects.Command;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Registration, connections lost and made again, guests that go, memslots that change under faults, the end. */
class LifecycleTest {
    private static final long GFN = 0x200;
    private final Rig rig = new Rig(0, 1);

    LifecycleTest() {
        rig.swapOut(GFN, GFN + 1, GFN + 2, GFN + 3);
    }

    @Test
    void registrationIsFinishedWhenEveryVcpuIsCreated() {
        RecordingEffects seen = new RecordingEffects();
        VirtualMachine vm = new VirtualMachine(Rig.spec(64, true, 3, 9), seen);
        vm.open(true, 1);
        assertThat(seen.commands).extracting(Command::kind).containsExactly("CREATE", "CREATE");

        Objects.requireNonNull(vm.vcpu(3)).created(Rig.REGISTERED, 1);
        assertThat(seen.registrations).isZero();
        Objects.requireNonNull(vm.vcpu(9)).refused(Rig.REGISTERED, Token.NONE, Refusal.OWNED_ELSEWHERE, 1);

        assertThat(seen.registrations).isEqualTo(1);
    }

    @Test
    void registrationDoesNotWaitForANotifierThatIsAway() {
        RecordingEffects seen = new RecordingEffects();
        VirtualMachine vm = new VirtualMachine(Rig.spec(64, true, 3), seen);
        vm.open(true, 1);

        vm.notifierLost(1);

        assertThat(seen.registrations).isEqualTo(1);
    }

    /** A9: model's limit of the token. */
    @Test
    @Tag("A9")
    void vcpu4096IsRefused() {
        assertThatThrownBy(() -> Rig.spec(64, true, 4096))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("vcpuId: 4096 (expected: 0 to 4095)");
    }

    @Test
    void aLostConnectionDropsWhatIsOutstandingAndTakesBackWhatIsUndecided() {
        rig.enable(0);
        long parked = rig.parked(0, GFN);
        long undecided = rig.fault(0, GFN + 1);
        rig.take("PUBLISH");
        rig.vm.notifierLost(rig.nowNs);
        rig.data(GFN);
        rig.data(GFN + 1);
        long later = rig.fault(0, GFN + 2);
        rig.data(GFN + 2);

        assertThat(rig.outcome(parked)).isEqualTo("RESOLVED 0x1000 SWAP_STORE DROPPED");
        assertThat(rig.outcomes(undecided)).containsExactly(Rig.sync(SyncReason.NOTIFIER_UNAVAILABLE));
        assertThat(rig.outcomes(later)).containsExactly(Rig.sync(SyncReason.NOTIFIER_UNAVAILABLE));
        assertThat(rig.seen.commands).isEmpty();
    }

    @Test
    void aNewConnectionArmsAgainWithANewEpochAndWakesAll() {
        rig.enable(0);
        long epoch = rig.vcpu(0).epoch();
        rig.vm.notifierLost(rig.nowNs);
        rig.vm.notifierConnected(rig.nowNs);
        assertThat(rig.seen.commands)
                .extracting(Command::kind, Command::vcpuId)
                .containsExactly(tuple("CREATE", 0), tuple("ARM", 0), tuple("CREATE", 1));
        assertThat(rig.vcpu(0).epoch()).isGreaterThan(epoch);
        rig.seen.commands.clear();

        rig.vcpu(0).armed(rig.vcpu(0).epoch(), rig.nowNs);
        rig.take("WAKE_ALL");
        long ref = rig.fault(0, GFN);
        rig.accept(0);

        assertThat(rig.outcomes(ref)).containsExactly("ASYNC 0x1000");
    }

    @Test
    void aRefusedRearmingTurnsItOff() {
        rig.enable(0);
        rig.vm.notifierLost(rig.nowNs);
        rig.vm.notifierConnected(rig.nowNs);

        rig.vcpu(0).refused(rig.vcpu(0).epoch(), Token.NONE, Refusal.NO_GUEST, rig.nowNs);

        long ref = rig.fault(0, GFN);
        rig.data(GFN);
        assertThat(rig.outcomes(ref)).containsExactly(Rig.sync(SyncReason.DISABLED));
    }

    @Test
    void aVcpuThatADeadConnectionStillOwnsIsAskedForUntilItIsFree() {
        rig.enable(0);
        reconnectBeforeTheNotifierHasNoticedTheBreak();
        assertThat(rig.seen.commands).as("at once").isEmpty();

        rig.nowNs += Creation.BACKOFF_MIN_NS;
        rig.vm.tick(rig.nowNs);
        assertThat(rig.seen.commands)
                .extracting(Command::kind, Command::vcpuId)
                .containsExactly(tuple("CREATE", 0), tuple("ARM", 0));
        rig.seen.commands.clear();
        rig.vcpu(0).created(rig.vcpu(0).epoch(), rig.nowNs);
        rig.vcpu(0).armed(rig.vcpu(0).epoch(), rig.nowNs);
        rig.take("WAKE_ALL");

        rig.nowNs += Creation.BACKOFF_MAX_NS;
        rig.vm.tick(rig.nowNs);
        assertThat(rig.seen.commands)
                .as("after it was created")
                .extracting(Command::kind)
                .doesNotContain("CREATE");
    }

    @Test
    void whileItsVcpuIsOwnedElsewhereAGuestCannotEnable() {
        reconnectBeforeTheNotifierHasNoticedTheBreak();

        long request = rig.hypercallEnable(0, Rig.AREA | 1);
        rig.vcpu(0).unknown(rig.vcpu(0).epoch(), Token.NONE, rig.nowNs);

        assertThat(rig.result(request)).isEqualTo(ControlBlock.NOT_SUPPORTED);
    }

    private void reconnectBeforeTheNotifierHasNoticedTheBreak() {
        rig.vm.notifierLost(rig.nowNs);
        rig.vm.notifierConnected(rig.nowNs);
        long created = rig.vcpu(0).epoch();
        rig.vcpu(0).refused(created, Token.NONE, Refusal.OWNED_ELSEWHERE, rig.nowNs);
        rig.vcpu(0).unknown(rig.vcpu(0).epoch(), Token.NONE, rig.nowNs);
        rig.seen.commands.clear();
    }

    @Test
    void aGuestThatGoesLeavesNoStuckFault() {
        rig.enable(0);
        rig.enable(1);
        long parked = rig.parked(0, GFN);
        long undecided = rig.fault(0, GFN + 1);
        rig.take("PUBLISH");
        long other = rig.parked(1, GFN);

        rig.vcpu(0).guestDetached(rig.vcpu(0).epoch(), rig.nowNs);
        rig.data(GFN);
        rig.data(GFN + 1);
        rig.ready(1);

        assertThat(rig.outcome(parked)).isEqualTo("RESOLVED 0x1000 SWAP_STORE DROPPED");
        assertThat(rig.outcomes(undecided)).containsExactly(Rig.sync(SyncReason.NO_GUEST));
        assertThat(rig.outcome(other)).isEqualTo("RESOLVED 0x1001 SWAP_STORE READY");
        assertThat(rig.steps(0)).contains(StepKind.DISABLED);
    }

    /** I3 across epochs: the guest may still hold the old one. */
    @Test
    void aDroppedTokenIsNotDrawnAgainInTheNextEpoch() {
        rig.enable(0);
        rig.parked(0, GFN);
        rig.hypercallEnable(0, 0);
        rig.seen.commands.clear();
        rig.enable(0);

        rig.fault(0, GFN + 1);

        assertThat(rig.take("PUBLISH").token()).isEqualTo(0x2000);
    }

    @Test
    @Tag("F9")
    void aMemslotDeletedInFlightIsNotMappedAndCompletionIsSignalled() {
        rig.enable(0);
        rig.enable(1);
        long parked = rig.parked(0, GFN);
        long synchronous = rig.fault(0, GFN);
        long undecided = rig.fault(1, GFN);
        deleteMemslot();
        assertThat(rig.outcomes(synchronous)).containsExactly("FAILED NO_MEMSLOT");

        Command publish = rig.take("PUBLISH");
        rig.vcpu(1).accepted(publish.epoch(), publish.token(), rig.nowNs);
        rig.ready(0);
        rig.take("WITHDRAW");
        rig.ready(1);

        assertThat(rig.all(parked)).containsExactly("ASYNC 0x1000", "FAILED NO_MEMSLOT");
        assertThat(rig.all(undecided)).containsExactly("ASYNC 0x1001", "FAILED NO_MEMSLOT");
        assertThat(rig.count(FrameTable.Use.ORPHANED)).isEqualTo(1);
        rig.data(GFN);
        assertThat(rig.vm.framesInUse()).isZero();
    }

    /** F9 for a page that is held for its verdict. */
    @Test
    @Tag("F9")
    void aMemslotDeletedBeforeTheVerdictIsNotMapped() {
        rig.enable(0);
        long ref = rig.fault(0, GFN);
        rig.data(GFN);
        Command publish = rig.take("PUBLISH");
        deleteMemslot();

        rig.vcpu(0).accepted(publish.epoch(), publish.token(), rig.nowNs);
        rig.take("WITHDRAW");
        rig.cancel(0);

        assertThat(rig.all(ref)).containsExactly("ASYNC 0x1000", "FAILED NO_MEMSLOT");
        assertThat(rig.vm.framesInUse()).isZero();
    }

    @Test
    @Tag("F10")
    void aMemslotMadeReadOnlyInFlightFailsTheWriteAndMapsTheRead() {
        rig.enable(0);
        rig.enable(1);
        long write = rig.writeFault(0, GFN);
        rig.accept(0);
        long read = rig.parked(1, GFN);
        rig.vm.setMemslot(new Memslot(0, Rig.BASE_GFN, Rig.PAGES, true), rig.nowNs);

        rig.data(GFN);
        rig.ready(0);
        rig.ready(1);

        assertThat(rig.all(write)).containsExactly("ASYNC 0x1000", "FAILED READ_ONLY");
        assertThat(rig.outcome(read)).isEqualTo("RESOLVED 0x1001 SWAP_STORE READY");
    }

    @Test
    void aMemslotAddedAgainBeginsWithZeros() {
        rig.writeFault(0, 0x500);
        deleteMemslot();
        rig.vm.setMemslot(new Memslot(0, Rig.BASE_GFN, Rig.PAGES, false), rig.nowNs);

        assertThat(rig.outcomes(rig.fault(0, 0x500))).containsExactly("MAPPED ZERO_FILL");
    }

    @Test
    void aMemslotsRangeCannotBeChangedInPlace() {
        assertThatThrownBy(() -> rig.vm.setMemslot(new Memslot(0, Rig.BASE_GFN, 5, false), rig.nowNs))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> rig.vm.setMemslot(new Memslot(5, Rig.BASE_GFN, 5, false), rig.nowNs))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> rig.vm.setMemslot(new Memslot(5, Rig.BASE_GFN, 0, false), rig.nowNs))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    @Tag("G8")
    void closingFailsWhateverIsUnderWay() {
        rig.enable(0);
        List<Long> refs =
                List.of(rig.parked(0, GFN), rig.parked(0, GFN + 1), rig.fault(0, GFN + 2), rig.fault(0, GFN + 3));
        long host = rig.host(GFN + 2, HostAccess.READ);
        long config = rig.hypercallEnable(1, Rig.AREA | 1);
        rig.data(GFN + 1);
        rig.seen.commands.clear();

        rig.vm.close(rig.nowNs);

        assertThat(refs).allMatch(ref -> rig.outcome(ref).equals("FAILED " + FailReason.VM_GONE));
        assertThat(rig.seen.hostAnswers).containsEntry(host, "FAILED VM_GONE");
        assertThat(rig.result(config)).isEqualTo(-1);
        assertThat(rig.seen.commands).extracting(Command::kind).containsExactly("DESTROY", "DESTROY");
        assertThat(rig.steps(0)).endsWith(StepKind.CLOSED);
        assertThat(rig.vm.faultsInFlight()).isZero();
    }

    private void deleteMemslot() {
        rig.vm.setMemslot(new Memslot(0, Rig.BASE_GFN, 0, false), rig.nowNs);
    }
}
