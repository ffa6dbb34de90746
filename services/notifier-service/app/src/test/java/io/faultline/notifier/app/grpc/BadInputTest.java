// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.app.grpc;

import static io.faultline.notifier.app.grpc.Messages.VM;
import static io.faultline.notifier.app.grpc.Messages.attach;
import static io.faultline.notifier.app.grpc.Messages.call;
import static io.faultline.notifier.app.grpc.Messages.calls;
import static io.faultline.notifier.app.grpc.Messages.clear;
import static io.faultline.notifier.app.grpc.Messages.comeUp;
import static io.faultline.notifier.app.grpc.Messages.command;
import static io.faultline.notifier.app.grpc.Messages.commands;
import static io.faultline.notifier.app.grpc.Messages.events;
import static io.faultline.notifier.app.grpc.Messages.sdei;
import static io.faultline.notifier.app.grpc.Messages.verdicts;
import static io.faultline.proto.notifier.v1.GuestCallKind.GUEST_CALL_KIND_CLEAR_AREA;
import static io.faultline.proto.notifier.v1.NotifyKind.NOTIFY_KIND_ARM;
import static io.faultline.proto.notifier.v1.NotifyKind.NOTIFY_KIND_CREATE;
import static io.faultline.proto.notifier.v1.NotifyKind.NOTIFY_KIND_DESTROY;
import static io.faultline.proto.notifier.v1.NotifyKind.NOTIFY_KIND_PUBLISH;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.proto.notifier.v1.CpuContext;
import io.faultline.proto.notifier.v1.GuestBatch;
import io.faultline.proto.notifier.v1.GuestCall;
import io.faultline.proto.notifier.v1.HostBatch;
import io.faultline.proto.notifier.v1.HostEvent;
import io.faultline.proto.notifier.v1.NotifyBatch;
import io.faultline.proto.notifier.v1.NotifyCommand;
import io.faultline.proto.notifier.v1.Verdict;
import io.faultline.proto.notifier.v1.VerdictBatch;
import io.grpc.Status;
import java.util.Collections;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BadInputTest {
    private static final int TOO_MANY = 1025;

    private final InProcessNotifier notifier = new InProcessNotifier();
    private final Client<NotifyBatch, VerdictBatch, Verdict> owner = notifier.owner();
    private final Client<GuestBatch, HostBatch, HostEvent> neighbour = notifier.guest();
    private final Client<GuestBatch, HostBatch, HostEvent> guest = notifier.guest();

    @BeforeEach
    void bringUpTheNeighbour() {
        owner.send(commands(
                command(NOTIFY_KIND_CREATE, 0, 1),
                command(NOTIFY_KIND_CREATE, 1, 1),
                command(NOTIFY_KIND_CREATE, 1, 1).setVmId(VM + 1)));
        neighbour.send(comeUp(0));
        owner.send(commands(command(NOTIFY_KIND_ARM, 0, 2)));
        notifier.endTurn();
        owner.records();
        neighbour.records();
    }

    /** Whatever the guest did, its neighbour's next fault goes its way. */
    @AfterEach
    void theNeighbourIsUnharmed() {
        owner.send(commands(command(NOTIFY_KIND_PUBLISH, 0, 2, 0x1000)));
        notifier.endTurn();
        assertThat(events(neighbour.records())).containsExactly("SDEI_EVENT {1,0x1000}");
        assertThat(neighbour.end()).isNull();
        notifier.close();
    }

    @Test
    void anUnknownVcpuIsNotFoundAndTheStreamsOtherVcpusAreDetached() {
        guest.send(calls(attach(1), attach(9)));
        notifier.endTurn();

        assertEnd(
                guest.end(),
                Status.Code.NOT_FOUND,
                "vCPU 9 of VM 7: not found (expected: one that a vcpu-service created here)");
        assertThat(verdicts(owner.records())).containsExactly("GUEST_ATTACHED", "GUEST_DETACHED");
    }

    @Test
    void anUnknownVmIsNotFound() {
        guest.send(calls(attach(0).setVmId(-1)));

        assertEnd(
                guest.end(),
                Status.Code.NOT_FOUND,
                "vCPU 0 of VM 18446744073709551615: not found (expected: one that a vcpu-service created here)");
    }

    @Test
    void theFirstCallMustAttach() {
        guest.send(calls(clear(0)));

        assertInvalid("calls[0].kind: GUEST_CALL_KIND_CLEAR_AREA (expected: ATTACH first)");
    }

    @Test
    void aStreamServesOneVm() {
        guest.send(calls(attach(1), attach(1).setVmId(VM + 1)));

        assertInvalid("calls[1].vm_id: 8 (expected: the VM that this stream attached to first)");
    }

    @Test
    void anOverLongBatchHasNoEffect() {
        guest.send(GuestBatch.newBuilder()
                .addAllCalls(Collections.nCopies(TOO_MANY, attach(0).build()))
                .build());
        notifier.endTurn();

        assertInvalid("calls: 1025 records (expected: 1 to 1024)");
        assertThat(owner.records()).isEmpty();
    }

    @Test
    void anEmptyBatchIsRefused() {
        guest.send(calls());

        assertInvalid("calls: 0 records (expected: 1 to 1024)");
    }

    @Test
    void aCallWithoutAKindIsRefused() {
        guest.send(calls(attach(1), GuestCall.newBuilder()));

        assertInvalid("calls[1].kind: 0 (expected: 1 to 5)");
    }

    @Test
    void clearingNoWordsIsRefused() {
        guest.send(calls(attach(1), call(GUEST_CALL_KIND_CLEAR_AREA, 1)));

        assertInvalid("calls[1].words: 0 (expected: 1 to 3)");
    }

    @Test
    void aSeventhArgumentIsRefused() {
        guest.send(calls(attach(1), sdei(1, Messages.PE_UNMASK, 1, 2, 3, 4, 5, 6, 7)));

        assertInvalid("calls[1].arguments: 7 (expected: at most 6)");
    }

    @Test
    void aNineteenthRegisterIsRefused() {
        CpuContext.Builder context = CpuContext.newBuilder().addAllX(Collections.nCopies(19, 0L));

        guest.send(calls(attach(1), sdei(1, Messages.PE_UNMASK).setContext(context)));

        assertInvalid("calls[1].context.x: 19 registers (expected: at most 18)");
    }

    @Test
    void guestsBeyondTheBoundAreTurnedAwayUntilOneLeaves() {
        notifier.guest();
        assertEnd(
                notifier.guest().end(),
                Status.Code.RESOURCE_EXHAUSTED,
                "streams: 3 (expected: < " + InProcessNotifier.GUESTS_MAX + ")");

        guest.cancel();

        assertThat(notifier.guest().end()).isNull();
    }

    @Test
    void anOverLongBatchOfCommandsEndsOnlyItsStream() {
        Client<NotifyBatch, VerdictBatch, Verdict> other = notifier.owner();

        other.send(NotifyBatch.newBuilder()
                .addAllCommands(Collections.nCopies(
                        TOO_MANY, command(NOTIFY_KIND_DESTROY, 0, 2).build()))
                .build());

        assertEnd(other.end(), Status.Code.INVALID_ARGUMENT, "commands: 1025 records (expected: 1 to 1024)");
        assertThat(owner.end()).isNull();
    }

    @Test
    void aCommandThatIsNotUnderstoodIsRefused() {
        owner.send(commands(NotifyCommand.newBuilder().setKindValue(99).setToken(5), NotifyCommand.newBuilder()));
        notifier.endTurn();

        assertThat(verdicts(owner.records())).containsExactly("REFUSED 0x5 INVALID", "REFUSED INVALID");
    }

    @Test
    void aVcpuIdOver4095IsRefused() {
        owner.send(commands(command(NOTIFY_KIND_CREATE, 4096, 1), command(NOTIFY_KIND_CREATE, -1, 1)));
        notifier.endTurn();

        assertThat(verdicts(owner.records())).containsExactly("REFUSED INVALID", "REFUSED INVALID");
    }

    private void assertInvalid(String description) {
        assertEnd(guest.end(), Status.Code.INVALID_ARGUMENT, description);
    }

    private static void assertEnd(@Nullable Status end, Status.Code code, String description) {
        assertThat(end == null ? "open" : end.getCode() + ", " + end.getDescription())
                .isEqualTo(code + ", " + description);
    }
}
