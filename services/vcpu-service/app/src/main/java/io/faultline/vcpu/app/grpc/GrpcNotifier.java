// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import io.faultline.model.Refusal;
import io.faultline.proto.notifier.v1.NotificationServiceGrpc;
import io.faultline.proto.notifier.v1.NotifyBatch;
import io.faultline.proto.notifier.v1.NotifyCommand;
import io.faultline.proto.notifier.v1.NotifyKind;
import io.faultline.proto.notifier.v1.Verdict;
import io.faultline.proto.notifier.v1.VerdictBatch;
import io.faultline.proto.notifier.v1.VerdictKind;
import io.faultline.rpc.BatchStream;
import io.faultline.rpc.ServiceLoop;
import io.faultline.rpc.TraceParents;
import io.faultline.rpc.Turn;
import io.faultline.telemetry.TraceParent;
import io.faultline.vcpu.app.host.HostedVm;
import io.faultline.vcpu.app.host.Notifications;
import io.faultline.vcpu.app.host.Vms;
import io.faultline.vcpu.domain.Vcpu;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The notification plane over {@code NotificationService.Notify}: commands out, verdicts to the machine they are for. What
 * is under way is bounded by the works and tokens of the VMs registered. A notifier that owes a vCPU an answer and says
 * nothing for too long counts as lost: the vCPUs run on synchronously. Loop thread only.
 */
public final class GrpcNotifier implements Notifications {
    private static final int LOOKS_PER_TIMEOUT = 4;

    private final ServiceLoop loop;
    private final Vms vms;
    private final MessageBatch<NotifyCommand, NotifyBatch> commands = new MessageBatch<>(
            records -> NotifyBatch.newBuilder().addAllCommands(records).build());
    private final PeerStream<NotifyBatch, VerdictBatch> stream;
    private final NotificationServiceGrpc.NotificationServiceStub calls;
    private final AtomicLong verdictsOfNobody = new AtomicLong();
    private final AtomicLong timeouts = new AtomicLong();
    private final long timeoutNs;
    /** Since when a vCPU stands still for an answer that does not wait for its guest; any word counts as one. */
    private long owedSinceNs;

    private boolean owes;
    private boolean closed;

    /**
     * A notifier that is not connected before {@link #start}.
     *
     * @param timeoutNs how long it may say nothing while it owes an answer, in nanoseconds
     */
    public GrpcNotifier(ServiceLoop loop, Turn turn, ManagedChannel channel, Vms vms, Backoff backoff, long timeoutNs) {
        this.timeoutNs = timeoutNs;
        this.loop = loop;
        this.vms = vms;
        this.calls = NotificationServiceGrpc.newStub(channel);
        this.stream = new PeerStream<>(loop, turn, channel, new Notify(), backoff);
    }

    /** Connects, now and after each break. */
    public void start() {
        stream.start();
        look();
    }

    /** Ends the connection for good. */
    public void close() {
        closed = true;
        stream.close();
    }

    /** Verdicts about VMs and vCPUs that are not here (any more); from any thread. */
    public long verdictsOfNobody() {
        return verdictsOfNobody.get();
    }

    /** How often it was given up for saying nothing; from any thread. */
    public long timeouts() {
        return timeouts.get();
    }

    /** The notifier's unary calls, answered on the loop. */
    NotificationServiceGrpc.NotificationServiceStub calls() {
        return calls;
    }

    @Override
    public boolean isConnected() {
        return stream.isConnected();
    }

    @Override
    public void create(long vmId, int vcpuId, long epoch, int sdeiEvent, int pageReadyInterrupt, String registrant) {
        send(command(NotifyKind.NOTIFY_KIND_CREATE, vmId, vcpuId, epoch)
                .setSdeiEvent(sdeiEvent)
                .setPageReadyInterrupt(pageReadyInterrupt)
                .setRegistrant(registrant));
    }

    @Override
    public void destroy(long vmId, int vcpuId, long epoch) {
        send(command(NotifyKind.NOTIFY_KIND_DESTROY, vmId, vcpuId, epoch));
    }

    @Override
    public void arm(long vmId, int vcpuId, long epoch, long control, int sdeiEvent, int pageReadyInterrupt) {
        send(command(NotifyKind.NOTIFY_KIND_ARM, vmId, vcpuId, epoch)
                .setControl(control)
                .setSdeiEvent(sdeiEvent)
                .setPageReadyInterrupt(pageReadyInterrupt));
    }

    @Override
    public void disarm(long vmId, int vcpuId, long epoch) {
        send(command(NotifyKind.NOTIFY_KIND_DISARM, vmId, vcpuId, epoch));
    }

    @Override
    public void reset(long vmId, int vcpuId, long epoch) {
        send(command(NotifyKind.NOTIFY_KIND_RESET, vmId, vcpuId, epoch));
    }

    @Override
    public void publish(long vmId, int vcpuId, long epoch, int token, long cause, @Nullable TraceParent trace) {
        NotifyCommand.Builder command = command(NotifyKind.NOTIFY_KIND_PUBLISH, vmId, vcpuId, epoch);
        send(of(command, token, cause, trace));
        owe();
    }

    @Override
    public void publishOrWait(long vmId, int vcpuId, long epoch, int token, long cause, @Nullable TraceParent trace) {
        NotifyCommand.Builder command = command(NotifyKind.NOTIFY_KIND_PUBLISH, vmId, vcpuId, epoch);
        send(of(command, token, cause, trace).setMayWait(true));
    }

    @Override
    public void withdraw(long vmId, int vcpuId, long epoch, int token) {
        send(command(NotifyKind.NOTIFY_KIND_WITHDRAW, vmId, vcpuId, epoch).setToken(token));
        owe();
    }

    @Override
    public void complete(long vmId, int vcpuId, long epoch, int token, long cause, @Nullable TraceParent trace) {
        NotifyCommand.Builder command = command(NotifyKind.NOTIFY_KIND_COMPLETE, vmId, vcpuId, epoch);
        send(of(command, token, cause, trace));
    }

    @Override
    public void wakeAll(long vmId, int vcpuId, long epoch) {
        send(command(NotifyKind.NOTIFY_KIND_WAKE_ALL, vmId, vcpuId, epoch));
    }

    private static NotifyCommand.Builder command(NotifyKind kind, long vmId, int vcpuId, long epoch) {
        return NotifyCommand.newBuilder()
                .setKind(kind)
                .setVmId(vmId)
                .setVcpuId(vcpuId)
                .setEpoch(epoch);
    }

    private static NotifyCommand.Builder of(
            NotifyCommand.Builder command, int token, long cause, @Nullable TraceParent trace) {
        command.setToken(token).setCause(cause);
        return trace == null ? command : command.setTrace(TraceParents.toMessage(trace));
    }

    private void send(NotifyCommand.Builder command) {
        if (stream.isConnected()) {
            commands.add(command.build());
            stream.appended();
        }
    }

    private void owe() {
        if (!owes && stream.isConnected()) {
            owes = true;
            owedSinceNs = loop.nowNs();
        }
    }

    private void look() {
        if (closed) {
            return;
        }
        loop.executeAfter(this::look, timeoutNs / LOOKS_PER_TIMEOUT);
        if (owes && loop.nowNs() - owedSinceNs >= timeoutNs) {
            owes = false;
            timeouts.incrementAndGet();
            stream.giveUp("no answer within " + TimeUnit.NANOSECONDS.toMillis(timeoutNs) + " ms");
        }
    }

    private void receive(Verdict verdict, long nowNs) {
        HostedVm vm = vms.find(verdict.getVmId());
        Vcpu vcpu = vm == null ? null : vm.machine().vcpu(verdict.getVcpuId());
        if (vcpu == null) {
            if (verdict.getKindValue() != VerdictKind.VERDICT_KIND_DESTROYED_VALUE) {
                verdictsOfNobody.incrementAndGet();
            }
            return;
        }
        long epoch = verdict.getEpoch();
        int token = verdict.getToken();
        switch (verdict.getKind()) {
            case VERDICT_KIND_CREATED -> vcpu.created(epoch, nowNs);
            case VERDICT_KIND_ARMED -> vcpu.armed(epoch, nowNs);
            case VERDICT_KIND_ACCEPTED -> vcpu.accepted(epoch, token, nowNs);
            case VERDICT_KIND_REFUSED -> vcpu.refused(epoch, token, refusal(verdict), nowNs);
            case VERDICT_KIND_CANCELLED -> vcpu.cancelled(epoch, token, nowNs);
            case VERDICT_KIND_READY -> vcpu.ready(epoch, token, nowNs);
            case VERDICT_KIND_STALE -> vcpu.stale(epoch, token, nowNs);
            case VERDICT_KIND_UNKNOWN -> vcpu.unknown(epoch, token, nowNs);
            case VERDICT_KIND_ALREADY -> vcpu.already(epoch, token, nowNs);
            case VERDICT_KIND_GUEST_DETACHED -> vcpu.guestDetached(epoch, nowNs);
            case VERDICT_KIND_DESTROYED, VERDICT_KIND_DISARMED, VERDICT_KIND_GUEST_ATTACHED -> {
                // Nothing here depends on them.
            }
            case VERDICT_KIND_UNSPECIFIED, UNRECOGNIZED -> verdictsOfNobody.incrementAndGet();
        }
    }

    private static Refusal refusal(Verdict verdict) {
        int code = verdict.getRefusalValue();
        return code > 0 && code <= Refusal.INVALID.code() ? Refusal.of(code) : Refusal.INVALID;
    }

    /** The stream's messages. */
    private final class Notify implements PeerStream.Protocol<NotifyBatch, VerdictBatch> {
        @Override
        public String name() {
            return "notifier-service";
        }

        @Override
        public ClientCall<NotifyBatch, VerdictBatch> open(Channel channel) {
            return channel.newCall(NotificationServiceGrpc.getNotifyMethod(), CallOptions.DEFAULT);
        }

        @Override
        public BatchStream.Batch<NotifyBatch> batch() {
            return commands;
        }

        @Override
        public void connected() {
            vms.notifierConnected(loop.nowNs());
        }

        @Override
        public void received(VerdictBatch message) {
            owes = false;
            long nowNs = loop.nowNs();
            for (Verdict verdict : message.getVerdictsList()) {
                receive(verdict, nowNs);
            }
        }

        @Override
        public void disconnected() {
            owes = false;
            vms.notifierLost(loop.nowNs());
        }
    }
}
