// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.app.grpc;

import static io.faultline.notifier.app.grpc.Messages.EVENT_COMPLETE_AND_RESUME;
import static io.faultline.notifier.app.grpc.Messages.acknowledge;
import static io.faultline.notifier.app.grpc.Messages.attach;
import static io.faultline.notifier.app.grpc.Messages.calls;
import static io.faultline.notifier.app.grpc.Messages.clear;
import static io.faultline.notifier.app.grpc.Messages.comeUp;
import static io.faultline.notifier.app.grpc.Messages.command;
import static io.faultline.notifier.app.grpc.Messages.commands;
import static io.faultline.notifier.app.grpc.Messages.events;
import static io.faultline.notifier.app.grpc.Messages.sdei;
import static io.faultline.notifier.app.grpc.Messages.verdicts;
import static io.faultline.proto.notifier.v1.NotifyKind.NOTIFY_KIND_ARM;
import static io.faultline.proto.notifier.v1.NotifyKind.NOTIFY_KIND_COMPLETE;
import static io.faultline.proto.notifier.v1.NotifyKind.NOTIFY_KIND_CREATE;
import static io.faultline.proto.notifier.v1.NotifyKind.NOTIFY_KIND_PUBLISH;
import static io.faultline.proto.notifier.v1.NotifyKind.NOTIFY_KIND_WAKE_ALL;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.AsyncPf;
import io.faultline.proto.notifier.v1.CpuContext;
import io.faultline.proto.notifier.v1.GuestBatch;
import io.faultline.proto.notifier.v1.HostBatch;
import io.faultline.proto.notifier.v1.HostEvent;
import io.faultline.proto.notifier.v1.NotifyBatch;
import io.faultline.proto.notifier.v1.Verdict;
import io.faultline.proto.notifier.v1.VerdictBatch;
import io.grpc.Status;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class JourneyTest {
    private static final int VCPU = 0;
    private static final int T1 = 0x1000;
    private static final int T2 = 0x2000;

    private final InProcessNotifier notifier = new InProcessNotifier();
    private final Client<NotifyBatch, VerdictBatch, Verdict> owner = notifier.owner();
    private final Client<GuestBatch, HostBatch, HostEvent> guest = notifier.guest();

    @AfterEach
    void close() {
        notifier.close();
    }

    @Test
    void enablingWakesEveryParkedTask() {
        owner.send(commands(command(NOTIFY_KIND_CREATE, VCPU, 1)));
        guest.send(comeUp(VCPU));
        owner.send(commands(command(NOTIFY_KIND_ARM, VCPU, 2), command(NOTIFY_KIND_WAKE_ALL, VCPU, 2)));
        notifier.endTurn();

        assertThat(verdicts(owner.records())).containsExactly("CREATED", "GUEST_ATTACHED", "ARMED", "READY 0xffffffff");
        assertThat(events(guest.records()))
                .containsExactly("ATTACHED", "RESULT 0", "RESULT 0", "RESULT 0", "INTERRUPT {2,0xffffffff}");
        assertThat(notifier.steps()).containsExactly("OPENED", "GUEST_ATTACHED", "ENABLED", "WOKE_ALL");
    }

    @Test
    void anAsynchronousFaultFromPublicationToAcknowledgement() {
        bringUp();

        owner.send(commands(command(NOTIFY_KIND_PUBLISH, VCPU, 2, T1).setCause(41)));
        notifier.endTurn();
        assertThat(verdicts(owner.records())).containsExactly("ACCEPTED 0x1000");
        HostEvent event = guest.records().getLast();
        assertThat(event.getEvent()).isEqualTo(AsyncPf.DEFAULT_SDEI_EVENT);
        assertThat(event.getEntry()).isEqualTo(Messages.HANDLER);
        assertThat(event.getArgument()).isEqualTo(Messages.HANDLER_ARGUMENT);
        assertThat(event.getReasonValue()).isEqualTo(1);
        assertThat(event.getToken()).isEqualTo(T1);
        assertThat(event.hasContext()).isFalse();

        guest.send(calls(clear(VCPU), sdei(VCPU, EVENT_COMPLETE_AND_RESUME, 0x2000)));
        owner.send(commands(command(NOTIFY_KIND_COMPLETE, VCPU, 2, T1).setCause(42)));
        notifier.endTurn();
        assertThat(events(guest.records())).containsExactly("RESULT 0", "RESUMED", "INTERRUPT {2,0x1000}");
        Verdict ready = owner.records().getLast();
        assertThat(verdicts(List.of(ready))).containsExactly("READY 0x1000");
        assertThat(ready.getVmId()).isEqualTo(Messages.VM);
        assertThat(ready.getEpoch()).isEqualTo(2);
        assertThat(ready.getCause()).as("number of the step READY").isEqualTo(5);

        guest.send(calls(clear(VCPU), acknowledge(VCPU)));
        notifier.endTurn();
        assertThat(events(guest.records())).containsExactly("RESULT 0", "RESULT 0");
        assertThat(notifier.steps()).containsExactly("DELIVERED", "READY", "ACKNOWLEDGED");
    }

    @Test
    void aGuestThatDisconnectsIsNewsAndMayComeBack() {
        bringUp();
        owner.send(commands(command(NOTIFY_KIND_PUBLISH, VCPU, 2, T1)));
        guest.cancel();
        owner.send(commands(
                command(NOTIFY_KIND_COMPLETE, VCPU, 2, T1),
                command(NOTIFY_KIND_PUBLISH, VCPU, 2, T2),
                command(NOTIFY_KIND_PUBLISH, VCPU, 3, T2)));
        notifier.endTurn();
        assertThat(verdicts(owner.records()))
                .containsExactly(
                        "ACCEPTED 0x1000",
                        "GUEST_DETACHED",
                        "UNKNOWN 0x1000",
                        "REFUSED 0x2000 NO_GUEST",
                        "STALE 0x2000");

        Client<GuestBatch, HostBatch, HostEvent> again = notifier.guest();
        again.send(comeUp(VCPU));
        owner.send(commands(command(NOTIFY_KIND_ARM, VCPU, 4), command(NOTIFY_KIND_PUBLISH, VCPU, 4, T2)));
        notifier.endTurn();

        assertThat(verdicts(owner.records())).containsExactly("GUEST_ATTACHED", "ARMED", "ACCEPTED 0x2000");
        assertThat(events(again.records())).last().isEqualTo("SDEI_EVENT {1,0x2000}");
    }

    @Test
    void aGuestThatHalfClosesIsGoneInGoodOrder() {
        bringUp();

        guest.complete();
        notifier.endTurn();

        assertThat(guest.end()).isEqualTo(Status.OK);
        assertThat(verdicts(owner.records())).containsExactly("GUEST_DETACHED");
    }

    @Test
    void aTakeoverTellsTheGuestThatLostTheVcpu() {
        bringUp();
        Client<GuestBatch, HostBatch, HostEvent> other = notifier.guest();

        other.send(calls(attach(VCPU)));
        guest.send(calls(clear(VCPU)));
        notifier.endTurn();

        assertThat(events(guest.records()))
                .containsExactly("DETACHED: another connection took the vCPU over", "RESULT -3");
        assertThat(events(other.records())).containsExactly("ATTACHED");
        assertThat(guest.end()).isNull();
    }

    @Test
    void aLostOwnerLeavesItsGuestsAttachedForTheNextOne() {
        bringUp();

        owner.cancel();
        Client<NotifyBatch, VerdictBatch, Verdict> next = notifier.owner();
        next.send(commands(
                command(NOTIFY_KIND_PUBLISH, VCPU, 2, T1),
                command(NOTIFY_KIND_CREATE, VCPU, 9),
                command(NOTIFY_KIND_PUBLISH, VCPU, 9, T1),
                command(NOTIFY_KIND_ARM, VCPU, 10),
                command(NOTIFY_KIND_PUBLISH, VCPU, 10, T1)));
        notifier.endTurn();

        assertThat(verdicts(next.records()))
                .containsExactly(
                        "UNKNOWN 0x1000",
                        "CREATED",
                        "GUEST_ATTACHED",
                        "REFUSED 0x1000 NOT_ARMED",
                        "ARMED",
                        "ACCEPTED 0x1000");
        assertThat(events(guest.records())).containsExactly("SDEI_EVENT {1,0x1000}");
        assertThat(notifier.steps()).containsExactly("DISABLED", "ENABLED", "DELIVERED");
    }

    @Test
    void registersThatAGuestKeepsComeBackFromItsHandler() {
        bringUp();
        CpuContext context = CpuContext.newBuilder()
                .addX(11)
                .addX(12)
                .setPc(0x4000)
                .setPstate(0x60)
                .setElrEl1(7)
                .setSpsrEl1(8)
                .build();
        guest.send(calls(sdei(VCPU, Messages.PE_UNMASK).setContext(context)));
        owner.send(commands(command(NOTIFY_KIND_PUBLISH, VCPU, 2, T1)));
        guest.send(calls(sdei(VCPU, EVENT_COMPLETE_AND_RESUME, 0x2000)));
        notifier.endTurn();

        HostEvent resumed = guest.records().getLast();
        assertThat(resumed.getEntry()).isEqualTo(0x2000);
        assertThat(resumed.getContext().getXList()).hasSize(18).startsWith(11L, 12L, 0L);
        assertThat(resumed.getContext().getPc()).isEqualTo(0x2000);
        assertThat(resumed.getContext().getElrEl1()).isEqualTo(0x4000);
        assertThat(resumed.getContext().getSpsrEl1()).isEqualTo(0x60);
    }

    @Test
    void stoppingDetachesGuestsWithTheReasonAndEndsEveryStream() {
        bringUp();

        notifier.guests.drain("the service is shutting down");
        notifier.owners.drain();

        assertThat(events(guest.records())).containsExactly("DETACHED: the service is shutting down");
        assertThat(guest.end()).isEqualTo(Status.OK);
        assertThat(verdicts(owner.records())).containsExactly("GUEST_DETACHED");
        assertThat(owner.end()).isEqualTo(Status.OK);
        assertThat(notifier.guest().end()).extracting(Status::getCode).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(notifier.owner().end()).extracting(Status::getCode).isEqualTo(Status.Code.UNAVAILABLE);
    }

    private void bringUp() {
        owner.send(commands(command(NOTIFY_KIND_CREATE, VCPU, 1)));
        guest.send(comeUp(VCPU));
        owner.send(commands(command(NOTIFY_KIND_ARM, VCPU, 2)));
        notifier.endTurn();
        owner.records();
        guest.records();
        notifier.steps();
    }
}
