// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.fuzz;

import io.faultline.notifier.app.grpc.GuestEndpoint;
import io.faultline.notifier.app.grpc.NotificationEndpoint;
import io.faultline.notifier.app.metrics.NotificationTimers;
import io.faultline.notifier.app.trace.CommandTraces;
import io.faultline.notifier.domain.AreaAccess;
import io.faultline.notifier.domain.NotificationMachine;
import io.faultline.proto.notifier.v1.AreaWords;
import io.faultline.proto.notifier.v1.GuestBatch;
import io.faultline.proto.notifier.v1.GuestCall;
import io.faultline.proto.notifier.v1.GuestCallKind;
import io.faultline.proto.notifier.v1.GuestServiceGrpc;
import io.faultline.proto.notifier.v1.NotificationServiceGrpc;
import io.faultline.proto.notifier.v1.NotifyBatch;
import io.faultline.proto.notifier.v1.NotifyCommand;
import io.faultline.proto.notifier.v1.NotifyKind;
import io.faultline.rpc.Turn;
import io.faultline.rpc.access.PlainTextCalls;
import io.faultline.telemetry.trace.TraceQueue;
import java.util.List;

/** notifier-service's endpoints and domain: commands of vcpu-services and calls of guests, in any order. */
final class NotifierTarget implements FuzzTarget {
    private static final int VCPUS_MAX = 64;
    private static final int STREAMS_MAX = 16;
    private static final long VM = 1;

    private final LoopRun run = new LoopRun();

    @Override
    public void read(byte[] bytes) {
        run.run(() -> calls().run(bytes));
    }

    private ServiceCalls calls() {
        NotificationMachine machine = new NotificationMachine(step -> {}, AreaAccess.ADDRESSABLE, VCPUS_MAX);
        Turn turn = new Turn(run.loop());
        GuestEndpoint guests = new GuestEndpoint(machine, turn, STREAMS_MAX);
        NotificationEndpoint owners = new NotificationEndpoint(
                machine,
                turn,
                guests::resume,
                new NotificationTimers(run.loop()::nowNs),
                new CommandTraces(TraceQueue.off(), run.loop()::nowNs),
                new NotificationEndpoint.Absence(task -> {}, 1));
        return new ServiceCalls(PlainTextCalls.context(), guests, owners);
    }

    @Override
    public List<byte[]> seeds() {
        ServiceCalls calls = calls();
        int notify = calls.indexOf(NotificationServiceGrpc.getNotifyMethod());
        int attach = calls.indexOf(GuestServiceGrpc.getAttachMethod());
        byte[] create = ServiceCalls.entry(notify, command(NotifyKind.NOTIFY_KIND_CREATE));
        byte[] arm = ServiceCalls.entry(notify, command(NotifyKind.NOTIFY_KIND_ARM));
        byte[] publish = ServiceCalls.entry(notify, command(NotifyKind.NOTIFY_KIND_PUBLISH));
        byte[] complete = ServiceCalls.entry(notify, command(NotifyKind.NOTIFY_KIND_COMPLETE));
        byte[] attached = ServiceCalls.entry(attach, call(GuestCallKind.GUEST_CALL_KIND_ATTACH, 0));
        byte[] registered = ServiceCalls.entry(attach, call(GuestCallKind.GUEST_CALL_KIND_SDEI_CALL, 0xC400_0021));
        byte[] enabled = ServiceCalls.entry(attach, call(GuestCallKind.GUEST_CALL_KIND_SDEI_CALL, 0xC400_0022));
        byte[] unmasked = ServiceCalls.entry(attach, call(GuestCallKind.GUEST_CALL_KIND_SDEI_CALL, 0xC400_002C));
        byte[] cleared = ServiceCalls.entry(attach, call(GuestCallKind.GUEST_CALL_KIND_CLEAR_AREA, 0));
        byte[] acknowledged = ServiceCalls.entry(attach, call(GuestCallKind.GUEST_CALL_KIND_ACKNOWLEDGE, 0));
        return List.of(
                ServiceCalls.input(create, attached, registered, enabled, unmasked, arm, publish),
                ServiceCalls.input(create, attached, arm, publish, cleared, complete, acknowledged, cleared));
    }

    private static byte[] command(NotifyKind kind) {
        return NotifyBatch.newBuilder()
                .addCommands(NotifyCommand.newBuilder()
                        .setKind(kind)
                        .setVmId(VM)
                        .setEpoch(1)
                        .setToken(0x1000)
                        .setControl(0x4000_0001L)
                        .setSdeiEvent(0x4040_0001)
                        .setPageReadyInterrupt(17))
                .build()
                .toByteArray();
    }

    private static byte[] call(GuestCallKind kind, int function) {
        return GuestBatch.newBuilder()
                .addCalls(GuestCall.newBuilder()
                        .setKind(kind)
                        .setVmId(VM)
                        .setCallId(1)
                        .setFunction(function)
                        .setWords(AreaWords.AREA_WORDS_BOTH)
                        .addArguments(0x4040_0001)
                        .addArguments(0xFFFF_8000_0000_1000L))
                .build()
                .toByteArray();
    }
}
