// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.app.grpc;

import static io.faultline.notifier.app.grpc.Messages.attach;
import static io.faultline.notifier.app.grpc.Messages.call;
import static io.faultline.notifier.app.grpc.Messages.calls;
import static io.faultline.notifier.app.grpc.Messages.clear;
import static io.faultline.notifier.app.grpc.Messages.command;
import static io.faultline.notifier.app.grpc.Messages.commands;
import static io.faultline.notifier.app.grpc.Messages.events;
import static io.faultline.notifier.app.grpc.Messages.verdicts;
import static io.faultline.proto.notifier.v1.GuestCallKind.GUEST_CALL_KIND_DETACH;
import static io.faultline.proto.notifier.v1.NotifyKind.NOTIFY_KIND_ARM;
import static io.faultline.proto.notifier.v1.NotifyKind.NOTIFY_KIND_COMPLETE;
import static io.faultline.proto.notifier.v1.NotifyKind.NOTIFY_KIND_CREATE;
import static io.faultline.proto.notifier.v1.NotifyKind.NOTIFY_KIND_PUBLISH;
import static io.faultline.proto.notifier.v1.NotifyKind.NOTIFY_KIND_WAKE_ALL;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.proto.notifier.v1.GuestBatch;
import io.faultline.proto.notifier.v1.HostBatch;
import io.faultline.proto.notifier.v1.HostEvent;
import io.faultline.proto.notifier.v1.NotifyBatch;
import io.faultline.proto.notifier.v1.Verdict;
import io.faultline.proto.notifier.v1.VerdictBatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FlowControlTest {
    private static final int BATCHES = 10;

    private final InProcessNotifier notifier = new InProcessNotifier();

    @AfterEach
    void close() {
        notifier.close();
    }

    @Test
    void aGuestThatDoesNotReadIsNotToldUntilItDoes() {
        Client<NotifyBatch, VerdictBatch, Verdict> owner = notifier.owner();
        owner.send(commands(command(NOTIFY_KIND_CREATE, 1, 1)));
        Client<GuestBatch, HostBatch, HostEvent> deaf = notifier.guest(false);
        deaf.send(calls(attach(1)));
        owner.send(commands(
                command(NOTIFY_KIND_ARM, 1, 2),
                command(NOTIFY_KIND_PUBLISH, 1, 2, 0x1001),
                command(NOTIFY_KIND_WAKE_ALL, 1, 2)));
        notifier.endTurn();
        assertThat(verdicts(owner.records()))
                .containsExactly("CREATED", "GUEST_ATTACHED", "ARMED", "REFUSED 0x1001 NO_GUEST");

        deaf.read(8);
        notifier.endTurn();

        assertThat(events(deaf.records())).containsExactly("ATTACHED", "INTERRUPT {2,0xffffffff}");
        assertThat(verdicts(owner.records())).containsExactly("READY 0xffffffff");
    }

    @Test
    void aGuestThatDoesNotReadIsNotReadEither() {
        Client<NotifyBatch, VerdictBatch, Verdict> owner = notifier.owner();
        owner.send(commands(command(NOTIFY_KIND_CREATE, 1, 1)));
        Client<GuestBatch, HostBatch, HostEvent> deaf = notifier.guest(false);

        deaf.send(calls(attach(1)));
        for (int i = 0; i < BATCHES; i++) {
            deaf.send(calls(clear(1)));
            notifier.endTurn();
        }
        deaf.read(1);
        notifier.endTurn();
        assertThat(deaf.records()).as("what the first batch made").hasSize(1);

        deaf.read(BATCHES);
        notifier.endTurn();
        assertThat(events(deaf.records())).isNotEmpty().containsOnly("RESULT 0");
    }

    @Test
    void aGuestThatComesAndGoesIsNotReadWhileItsOwnerTakesNoNews() {
        Client<NotifyBatch, VerdictBatch, Verdict> deaf = notifier.owner(false);
        deaf.send(commands(command(NOTIFY_KIND_CREATE, 1, 1)));
        Client<GuestBatch, HostBatch, HostEvent> restless = notifier.guest();
        notifier.endTurn();
        notifier.steps();

        for (int i = 0; i < BATCHES; i++) {
            restless.send(calls(attach(1), call(GUEST_CALL_KIND_DETACH, 1)));
            notifier.endTurn();
        }
        assertThat(notifier.steps()).as("one batch").containsExactly("GUEST_ATTACHED", "GUEST_DETACHED");

        deaf.read(10 * BATCHES);
        notifier.endTurn();
        assertThat(notifier.steps()).hasSize(2 * (BATCHES - 1));
        assertThat(deaf.records()).hasSize(1 + 2 * BATCHES);
    }

    @Test
    void aGuestIsReadOnWhenTheOwnerThatTookNoNewsIsGone() {
        Client<NotifyBatch, VerdictBatch, Verdict> deaf = notifier.owner(false);
        deaf.send(commands(command(NOTIFY_KIND_CREATE, 1, 1)));
        Client<GuestBatch, HostBatch, HostEvent> guest = notifier.guest();
        guest.send(calls(attach(1)));
        guest.send(calls(clear(1)));
        notifier.endTurn();
        assertThat(events(guest.records())).containsExactly("ATTACHED");

        deaf.cancel();
        notifier.endTurn();

        assertThat(events(guest.records())).containsExactly("RESULT 0");
    }

    @Test
    void outputIsCutIntoBatchesOfTheContractsSize() {
        Client<NotifyBatch, VerdictBatch, Verdict> owner = notifier.owner();
        owner.send(commands(command(NOTIFY_KIND_CREATE, 0, 2)));
        notifier.endTurn();
        owner.records();
        NotifyBatch.Builder batch = NotifyBatch.newBuilder();
        for (int sequence = 2; sequence < 1002; sequence++) {
            batch.addCommands(command(NOTIFY_KIND_COMPLETE, 0, 2, sequence << 12));
        }
        owner.send(batch.build());
        owner.send(batch.build());
        notifier.endTurn();

        assertThat(owner.records()).hasSize(2000);
        assertThat(owner.sizes()).endsWith(1024, 976);
    }
}
