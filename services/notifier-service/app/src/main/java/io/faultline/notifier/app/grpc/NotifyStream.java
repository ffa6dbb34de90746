// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.app.grpc;

import io.faultline.model.Refusal;
import io.faultline.notifier.app.metrics.NotificationTimers;
import io.faultline.notifier.app.trace.CommandTraces;
import io.faultline.notifier.domain.NotificationMachine;
import io.faultline.notifier.domain.OwnerPort;
import io.faultline.notifier.domain.OwnerSession;
import io.faultline.notifier.domain.Verdict;
import io.faultline.proto.notifier.v1.NotifyBatch;
import io.faultline.proto.notifier.v1.NotifyCommand;
import io.faultline.proto.notifier.v1.VerdictBatch;
import io.faultline.rpc.TraceParents;
import io.faultline.rpc.Turn;
import io.faultline.telemetry.TraceParent;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One vcpu-service's stream of commands; the vCPUs created on it are its own until it ends. Loop thread only. */
final class NotifyStream extends ServerStream<NotifyBatch, VerdictBatch> implements OwnerPort {
    private final NotificationMachine machine;
    private final OwnerSession session;
    private final VerdictBatches verdicts;
    private final Runnable onWritable;
    private final Watch watch;

    /**
     * A stream that asks for its first batch.
     *
     * @param onWritable runs whenever verdicts may be made again: the peer takes them, or is gone
     */
    NotifyStream(
            NotificationMachine machine,
            Turn turn,
            ServerCallStreamObserver<VerdictBatch> call,
            Runnable onWritable,
            Watch watch,
            Consumer<ServerStream<NotifyBatch, VerdictBatch>> onEnd) {
        this(machine, turn, new Output(call, new VerdictBatches()), onWritable, watch, onEnd);
    }

    private NotifyStream(
            NotificationMachine machine,
            Turn turn,
            Output output,
            Runnable onWritable,
            Watch watch,
            Consumer<ServerStream<NotifyBatch, VerdictBatch>> onEnd) {
        super(turn, output.call, output.verdicts, onEnd);
        this.machine = machine;
        this.verdicts = output.verdicts;
        this.watch = watch;
        this.onWritable = onWritable;
        session = machine.connect(this);
    }

    @Override
    public void verdict(Verdict verdict) {
        watch.timers.verdict(verdict);
        watch.traces.verdict(verdict);
        verdicts.add(verdict);
        appended();
    }

    @Override
    void received(NotifyBatch batch) {
        @Nullable StatusRuntimeException error = Batches.sizeError("commands", batch.getCommandsCount());
        if (error != null) {
            fail(error);
            return;
        }
        for (NotifyCommand command : batch.getCommandsList()) {
            execute(command);
        }
        machine.enter();
    }

    @Override
    public boolean isWritable() {
        return isReady();
    }

    @Override
    void writable() {
        onWritable.run();
    }

    /** The vcpu-service has not come back in time. */
    void giveUp(String detail) {
        session.giveUp(detail);
        machine.enter();
    }

    @Override
    void released() {
        session.close();
        onWritable.run();
    }

    private void execute(NotifyCommand command) {
        long vmId = command.getVmId();
        int vcpuId = command.getVcpuId();
        long epoch = command.getEpoch();
        int token = command.getToken();
        switch (command.getKind()) {
            case NOTIFY_KIND_CREATE ->
                session.create(
                        vmId,
                        vcpuId,
                        epoch,
                        command.getSdeiEvent(),
                        command.getPageReadyInterrupt(),
                        command.getRegistrant());
            case NOTIFY_KIND_DESTROY -> session.destroy(vmId, vcpuId, epoch);
            case NOTIFY_KIND_ARM ->
                session.arm(
                        vmId,
                        vcpuId,
                        epoch,
                        command.getControl(),
                        command.getSdeiEvent(),
                        command.getPageReadyInterrupt());
            case NOTIFY_KIND_DISARM -> session.disarm(vmId, vcpuId, epoch);
            case NOTIFY_KIND_RESET -> session.reset(vmId, vcpuId, epoch);
            case NOTIFY_KIND_PUBLISH -> {
                TraceParent trace = trace(command);
                if (trace != null) {
                    watch.traces.publishing(trace, vmId, vcpuId, token);
                }
                if (command.getMayWait()) {
                    session.publishOrWait(vmId, vcpuId, epoch, token, command.getCause());
                } else {
                    session.publish(vmId, vcpuId, epoch, token, command.getCause());
                }
            }
            case NOTIFY_KIND_WITHDRAW -> session.withdraw(vmId, vcpuId, epoch, token);
            case NOTIFY_KIND_COMPLETE -> {
                watch.timers.completing(vmId, vcpuId, token);
                TraceParent trace = trace(command);
                if (trace != null) {
                    watch.traces.completing(trace, vmId, vcpuId, token);
                }
                session.complete(vmId, vcpuId, epoch, token, command.getCause());
            }
            case NOTIFY_KIND_WAKE_ALL -> session.wakeAll(vmId, vcpuId, epoch);
            case NOTIFY_KIND_UNSPECIFIED, UNRECOGNIZED -> session.refuse(vmId, vcpuId, epoch, token, Refusal.INVALID);
        }
    }

    private static @Nullable TraceParent trace(NotifyCommand command) {
        return command.hasTrace() ? TraceParents.of(command.getTrace()) : null;
    }

    /**
     * Who watches commands and verdicts go by.
     *
     * @param timers takes times of all
     * @param traces follows those of traced faults
     */
    record Watch(NotificationTimers timers, CommandTraces traces) {}

    /** Where verdicts go. */
    private record Output(ServerCallStreamObserver<VerdictBatch> call, VerdictBatches verdicts) {}
}
