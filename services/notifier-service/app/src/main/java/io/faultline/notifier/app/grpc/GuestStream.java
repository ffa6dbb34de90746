// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.app.grpc;

import io.faultline.notifier.domain.AreaWords;
import io.faultline.notifier.domain.CpuContext;
import io.faultline.notifier.domain.GuestPort;
import io.faultline.notifier.domain.GuestSession;
import io.faultline.notifier.domain.HostEvent;
import io.faultline.notifier.domain.NotificationMachine;
import io.faultline.proto.notifier.v1.GuestBatch;
import io.faultline.proto.notifier.v1.GuestCall;
import io.faultline.proto.notifier.v1.GuestCallKind;
import io.faultline.proto.notifier.v1.HostBatch;
import io.faultline.rpc.Statuses;
import io.faultline.rpc.Turn;
import io.faultline.rpc.access.Caller;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One guest's stream of calls. A call that is out of contract ends it, after what came before that call took effect; no
 * other stream is touched. Loop thread only.
 */
final class GuestStream extends ServerStream<GuestBatch, HostBatch> implements GuestPort {
    private final NotificationMachine machine;
    private final GuestSession session;
    private final HostEventBatches events;
    private final Caller caller;
    private final io.faultline.notifier.domain.GuestCall sdeiCall = new io.faultline.notifier.domain.GuestCall();

    GuestStream(
            NotificationMachine machine,
            Turn turn,
            ServerCallStreamObserver<HostBatch> call,
            Caller caller,
            Consumer<ServerStream<GuestBatch, HostBatch>> onEnd) {
        this(machine, turn, call, caller, new HostEventBatches(), onEnd);
    }

    private GuestStream(
            NotificationMachine machine,
            Turn turn,
            ServerCallStreamObserver<HostBatch> call,
            Caller caller,
            HostEventBatches events,
            Consumer<ServerStream<GuestBatch, HostBatch>> onEnd) {
        super(turn, call, events, onEnd);
        this.machine = machine;
        this.caller = caller;
        this.events = events;
        session = machine.connect(this);
    }

    @Override
    public void event(HostEvent event) {
        events.add(event);
        appended();
    }

    @Override
    public boolean isWritable() {
        return isReady();
    }

    /** Detaches every vCPU and tells the guest why. */
    void dismiss(String detail) {
        session.dismiss(detail);
    }

    @Override
    void received(GuestBatch batch) {
        StatusRuntimeException error = Batches.sizeError("calls", batch.getCallsCount());
        List<GuestCall> calls = batch.getCallsList();
        for (int i = 0; i < calls.size() && error == null; i++) {
            error = execute(calls.get(i), i);
        }
        machine.enter();
        if (error != null) {
            fail(error);
        }
    }

    @Override
    void writable() {
        session.writable();
        machine.enter();
    }

    @Override
    boolean isHeard() {
        return session.isOwnerWritable();
    }

    @Override
    void released() {
        session.close();
    }

    private @Nullable StatusRuntimeException execute(GuestCall call, int index) {
        if (!session.hasAttached() && call.getKind() != GuestCallKind.GUEST_CALL_KIND_ATTACH) {
            return invalid(index, "kind", call.getKind() + " (expected: ATTACH first)");
        }
        int vcpuId = call.getVcpuId();
        long callId = call.getCallId();
        return switch (call.getKind()) {
            case GUEST_CALL_KIND_ATTACH -> attach(call, index);
            case GUEST_CALL_KIND_SDEI_CALL -> sdeiCall(call, index);
            case GUEST_CALL_KIND_CLEAR_AREA -> clearArea(call, index);
            case GUEST_CALL_KIND_ACKNOWLEDGE -> {
                session.acknowledge(vcpuId, callId);
                yield null;
            }
            case GUEST_CALL_KIND_DETACH -> {
                session.detach(vcpuId, callId);
                yield null;
            }
            case GUEST_CALL_KIND_UNSPECIFIED, UNRECOGNIZED ->
                invalid(index, "kind", call.getKindValue() + " (expected: 1 to 5)");
        };
    }

    private @Nullable StatusRuntimeException attach(GuestCall call, int index) {
        String vm = Long.toUnsignedString(call.getVmId());
        if (!caller.mayAttach(call.getVmId(), machine.registrant(call.getVmId(), call.getVcpuId()))) {
            return caller.denied("attaches to", call.getVmId(), "vm/" + vm + ", ");
        }
        return switch (session.attach(call.getVmId(), call.getVcpuId(), call.getCallId())) {
            case ATTACHED -> null;
            case OTHER_VM -> invalid(index, "vm_id", vm + " (expected: the VM that this stream attached to first)");
            case NOT_FOUND ->
                Statuses.notFound("vCPU " + Integer.toUnsignedString(call.getVcpuId()) + " of VM " + vm
                        + ": not found (expected: one that a vcpu-service created here)");
        };
    }

    private @Nullable StatusRuntimeException sdeiCall(GuestCall call, int index) {
        int arguments = call.getArgumentsCount();
        if (arguments > io.faultline.notifier.domain.GuestCall.ARGUMENTS) {
            return invalid(index, "arguments", arguments + " (expected: at most 6)");
        }
        if (call.getContext().getXCount() > CpuContext.REGISTERS) {
            return invalid(index, "context.x", call.getContext().getXCount() + " registers (expected: at most 18)");
        }
        sdeiCall.begin(call.getVcpuId(), call.getCallId(), call.getFunction());
        for (int n = 1; n <= arguments; n++) {
            sdeiCall.argument(n, call.getArguments(n - 1));
        }
        if (call.hasContext()) {
            CpuContexts.copy(call.getContext(), sdeiCall.withContext());
        }
        session.sdeiCall(sdeiCall);
        return null;
    }

    private @Nullable StatusRuntimeException clearArea(GuestCall call, int index) {
        AreaWords words = switch (call.getWords()) {
            case AREA_WORDS_BOTH -> AreaWords.BOTH;
            case AREA_WORDS_TOKEN -> AreaWords.TOKEN;
            case AREA_WORDS_REASON -> AreaWords.REASON;
            case AREA_WORDS_UNSPECIFIED, UNRECOGNIZED -> null;
        };
        if (words == null) {
            return invalid(index, "words", call.getWordsValue() + " (expected: 1 to 3)");
        }
        session.clearArea(call.getVcpuId(), call.getCallId(), words);
        return null;
    }

    private static StatusRuntimeException invalid(int index, String field, String description) {
        return Statuses.invalid("calls[" + index + "]." + field, description);
    }
}
