// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.app.grpc;

import static io.faultline.notifier.app.grpc.Messages.EVENT_COMPLETE_AND_RESUME;
import static io.faultline.notifier.app.grpc.Messages.VM;
import static io.faultline.notifier.app.grpc.Messages.attach;
import static io.faultline.notifier.app.grpc.Messages.calls;
import static io.faultline.notifier.app.grpc.Messages.comeUp;
import static io.faultline.notifier.app.grpc.Messages.command;
import static io.faultline.notifier.app.grpc.Messages.commands;
import static io.faultline.notifier.app.grpc.Messages.events;
import static io.faultline.notifier.app.grpc.Messages.sdei;
import static io.faultline.proto.notifier.v1.NotifyKind.NOTIFY_KIND_ARM;
import static io.faultline.proto.notifier.v1.NotifyKind.NOTIFY_KIND_CREATE;
import static io.faultline.proto.notifier.v1.NotifyKind.NOTIFY_KIND_PUBLISH;
import static io.faultline.proto.notifier.v1.NotifyKind.NOTIFY_KIND_WAKE_ALL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.faultline.model.AsyncPf;
import io.faultline.proto.notifier.v1.CpuContext;
import io.faultline.proto.notifier.v1.ExportSdeiRequest;
import io.faultline.proto.notifier.v1.GuestBatch;
import io.faultline.proto.notifier.v1.HostBatch;
import io.faultline.proto.notifier.v1.HostEvent;
import io.faultline.proto.notifier.v1.ImportSdeiRequest;
import io.faultline.proto.notifier.v1.NotifyBatch;
import io.faultline.proto.notifier.v1.SdeiEventState;
import io.faultline.proto.notifier.v1.SdeiState;
import io.faultline.proto.notifier.v1.Verdict;
import io.faultline.proto.notifier.v1.VerdictBatch;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** SDEI state from one notifier to another, over the wire. */
class SdeiMigrationTest {
    private static final int VCPU = 0;
    private static final int T1 = 0x1000;

    private final InProcessNotifier source = new InProcessNotifier();
    private final InProcessNotifier target = new InProcessNotifier();
    private final Client<NotifyBatch, VerdictBatch, Verdict> sourceOwner = source.owner();
    private final Client<GuestBatch, HostBatch, HostEvent> sourceGuest = source.guest();
    private final Client<NotifyBatch, VerdictBatch, Verdict> targetOwner = target.owner();
    private final Client<GuestBatch, HostBatch, HostEvent> targetGuest = target.guest();

    @BeforeEach
    void bringUp() {
        sourceOwner.send(commands(command(NOTIFY_KIND_CREATE, VCPU, 1)));
        sourceGuest.send(comeUp(VCPU));
        sourceOwner.send(commands(command(NOTIFY_KIND_ARM, VCPU, 2)));
        source.endTurn();
        targetOwner.send(commands(command(NOTIFY_KIND_CREATE, VCPU, 50)));
        target.endTurn();
    }

    @AfterEach
    void close() {
        source.close();
        target.close();
    }

    @Test
    @Tag("G17")
    void aHandlerThatRunsCompletesAtTheTargetAndThenEveryTaskIsWoken() {
        sourceGuest.send(calls(sdei(VCPU, Messages.PE_UNMASK)
                .setContext(CpuContext.newBuilder().addX(11).setPc(0x4000).setPstate(0x60))));
        sourceOwner.send(commands(command(NOTIFY_KIND_PUBLISH, VCPU, 2, T1)));
        source.endTurn();

        SdeiState state = exported(source);
        importSdei(state, 51);
        targetOwner.send(commands(command(NOTIFY_KIND_ARM, VCPU, 52), command(NOTIFY_KIND_WAKE_ALL, VCPU, 52)));
        targetGuest.send(calls(attach(VCPU)));
        target.endTurn();
        assertThat(events(targetGuest.records())).containsExactly("ATTACHED");
        assertThat(exported(target)).isEqualTo(state);
        targetGuest.send(calls(sdei(VCPU, EVENT_COMPLETE_AND_RESUME, 0x2000)));
        target.endTurn();

        assertThat(state.getEvents(0).getFlags()).isEqualTo(7);
        HostEvent interrupt = targetGuest.records().getLast();
        assertThat(interrupt.getToken()).isEqualTo(0xFFFF_FFFF);
    }

    @Test
    @Tag("G17")
    void whatIsExportedSaysWhatTheGuestRegistered() {
        SdeiState state = exported(source);

        assertThat(state.getPeMasked()).isFalse();
        assertThat(state.getAsyncPfEvent()).isEqualTo(AsyncPf.DEFAULT_SDEI_EVENT);
        assertThat(state.getEventsList())
                .containsExactly(SdeiEventState.newBuilder()
                        .setEvent(AsyncPf.DEFAULT_SDEI_EVENT)
                        .setFlags(3)
                        .setEntry(Messages.HANDLER)
                        .setArgument(Messages.HANDLER_ARGUMENT)
                        .build());
    }

    @Test
    void whatIsNotHereOrPastOrImpossibleIsRefused() {
        SdeiState state = exported(source);

        assertThat(code(() -> target.calls()
                        .exportSdei(ExportSdeiRequest.newBuilder()
                                .setVmId(VM)
                                .setVcpuId(3)
                                .build())))
                .isEqualTo(Status.Code.NOT_FOUND);
        assertThat(code(() -> importSdei(state, 49))).isEqualTo(Status.Code.ABORTED);
        assertThat(code(() -> importSdei(withFlags(state, 2), 51))).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(code(() -> importSdei(withRegisters(state, 19), 51))).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(exported(target).getEventsList()).isEmpty();
    }

    private static SdeiState withFlags(SdeiState state, int flags) {
        SdeiState.Builder changed = state.toBuilder();
        changed.getEventsBuilder(0).setFlags(flags);
        return changed.build();
    }

    private static SdeiState withRegisters(SdeiState state, int count) {
        SdeiState.Builder changed = state.toBuilder();
        for (int n = 0; n < count; n++) {
            changed.getEventsBuilder(0).getInterruptedBuilder().addX(n);
        }
        return changed.build();
    }

    private static Status.Code code(Runnable call) {
        return catchThrowableOfType(StatusRuntimeException.class, call::run)
                .getStatus()
                .getCode();
    }

    private static SdeiState exported(InProcessNotifier notifier) {
        return notifier.calls()
                .exportSdei(ExportSdeiRequest.newBuilder()
                        .setVmId(VM)
                        .setVcpuId(VCPU)
                        .build())
                .getState();
    }

    private void importSdei(SdeiState state, long epoch) {
        assertThat(target.calls()
                        .importSdei(ImportSdeiRequest.newBuilder()
                                .setVmId(VM)
                                .setVcpuId(VCPU)
                                .setEpoch(epoch)
                                .setState(state)
                                .build()))
                .isNotNull();
    }
}
