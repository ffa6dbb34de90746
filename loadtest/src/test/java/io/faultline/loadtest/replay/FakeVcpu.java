// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.replay;

import com.google.protobuf.ByteString;
import io.faultline.loadtest.guest.SdeiFunction;
import io.faultline.model.AsyncPf;
import io.faultline.model.Token;
import io.faultline.proto.notifier.v1.GuestCall;
import io.faultline.proto.notifier.v1.HostBatch;
import io.faultline.proto.notifier.v1.HostEvent;
import io.faultline.proto.notifier.v1.HostEventKind;
import io.faultline.proto.notifier.v1.Reason;
import io.faultline.proto.vcpu.v1.FailReason;
import io.faultline.proto.vcpu.v1.Fault;
import io.faultline.proto.vcpu.v1.Outcome;
import io.faultline.proto.vcpu.v1.OutcomeBatch;
import io.faultline.proto.vcpu.v1.OutcomeKind;
import io.faultline.proto.vcpu.v1.PageSource;
import io.faultline.proto.vcpu.v1.Resolution;
import io.faultline.proto.vcpu.v1.SyncReason;
import io.grpc.stub.StreamObserver;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A vCPU of a {@link FakePlatform}: what vcpu-service and notifier-service know of it, in one place. */
final class FakeVcpu {
    private record Ready(int token, Runnable published) {}

    private final int id;
    private final FakeMemory memory;
    private final Consumer<Runnable> later;
    private final ArrayDeque<Ready> ready = new ArrayDeque<>();
    private final Set<Integer> outstanding = new HashSet<>();
    private @Nullable StreamObserver<HostBatch> guest;
    private boolean isEnabled;
    private boolean isAreaBusy;
    private boolean isInHandler;
    private boolean isReadyUnacknowledged;
    private int lastSequence;

    FakeVcpu(int id, FakeMemory memory, Consumer<Runnable> later) {
        this.id = id;
        this.memory = memory;
        this.later = later;
    }

    long tokensIssued() {
        return lastSequence;
    }

    long enable(boolean on) {
        isEnabled = on;
        if (on) {
            ready.add(new Ready(Token.WAKE_ALL, () -> {}));
            publishNextReady();
        }
        return 0;
    }

    void detach() {
        guest = null;
        isEnabled = false;
        isAreaBusy = false;
        isInHandler = false;
        isReadyUnacknowledged = false;
        outstanding.clear();
        ready.forEach(dropped -> dropped.published().run());
        ready.clear();
    }

    void fault(Fault fault, StreamObserver<OutcomeBatch> outcomes) {
        if (memory.swallowsNow()) {
            return;
        }
        Outcome.Builder outcome = Outcome.newBuilder().setSequence(fault.getSequence());
        if (memory.failsNow()) {
            send(
                    outcomes,
                    outcome.setKind(OutcomeKind.OUTCOME_KIND_FAILED)
                            .setFailReason(FailReason.FAIL_REASON_PAGE_ABSENT)
                            .setDetail("the page is lost"));
        } else if (memory.isResident(fault.getIpa())) {
            map(fault, outcome.setKind(OutcomeKind.OUTCOME_KIND_MAPPED).setSource(PageSource.PAGE_SOURCE_RESIDENT));
            send(outcomes, outcome);
        } else if (isEnabled && !isAreaBusy && !isInHandler && !isReadyUnacknowledged) {
            goAsync(fault, outcomes);
        } else {
            SyncReason reason = isEnabled ? SyncReason.SYNC_REASON_AREA_BUSY : SyncReason.SYNC_REASON_DISABLED;
            later.accept(() -> {
                outcome.setKind(OutcomeKind.OUTCOME_KIND_MAPPED).setSyncReason(reason);
                map(fault, outcome.setSource(PageSource.PAGE_SOURCE_SWAP_STORE));
                send(outcomes, outcome);
            });
        }
    }

    private void goAsync(Fault fault, StreamObserver<OutcomeBatch> outcomes) {
        int token = Token.of(++lastSequence, id);
        outstanding.add(token);
        isAreaBusy = true;
        isInHandler = true;
        send(
                outcomes,
                Outcome.newBuilder()
                        .setSequence(fault.getSequence())
                        .setKind(OutcomeKind.OUTCOME_KIND_ASYNC)
                        .setToken(token));
        tell(HostEvent.newBuilder()
                .setKind(HostEventKind.HOST_EVENT_KIND_SDEI_EVENT)
                .setEvent(AsyncPf.DEFAULT_SDEI_EVENT)
                .setReason(Reason.REASON_PAGE_NOT_PRESENT)
                .setToken(token));
        later.accept(() -> {
            Outcome.Builder outcome = Outcome.newBuilder()
                    .setSequence(fault.getSequence())
                    .setKind(OutcomeKind.OUTCOME_KIND_RESOLVED)
                    .setToken(token)
                    .setSource(PageSource.PAGE_SOURCE_SWAP_STORE);
            map(fault, outcome);
            if (outstanding.contains(token)) {
                ready.add(new Ready(token, () -> {
                    Resolution end =
                            outstanding.remove(token) ? Resolution.RESOLUTION_READY : Resolution.RESOLUTION_DROPPED;
                    send(outcomes, outcome.setResolution(end));
                }));
                publishNextReady();
            } else {
                send(outcomes, outcome.setResolution(Resolution.RESOLUTION_DROPPED));
            }
        });
    }

    void call(GuestCall call, StreamObserver<HostBatch> events, HostBatch.Builder answers) {
        HostEvent.Builder answer = HostEvent.newBuilder().setVcpuId(id).setCallId(call.getCallId());
        switch (call.getKind()) {
            case GUEST_CALL_KIND_ATTACH -> {
                guest = events;
                answers.addEvents(answer.setKind(HostEventKind.HOST_EVENT_KIND_ATTACHED));
            }
            case GUEST_CALL_KIND_SDEI_CALL -> {
                boolean completes = call.getFunction() == SdeiFunction.EVENT_COMPLETE
                        || call.getFunction() == SdeiFunction.EVENT_COMPLETE_AND_RESUME;
                if (completes) {
                    isInHandler = false;
                }
                answers.addEvents(answer.setKind(
                        completes ? HostEventKind.HOST_EVENT_KIND_RESUMED : HostEventKind.HOST_EVENT_KIND_RESULT));
            }
            case GUEST_CALL_KIND_CLEAR_AREA -> isAreaBusy = false;
            case GUEST_CALL_KIND_ACKNOWLEDGE -> {
                isReadyUnacknowledged = false;
                answers.addEvents(answer.setKind(HostEventKind.HOST_EVENT_KIND_RESULT));
            }
            case GUEST_CALL_KIND_DETACH -> detach();
            case GUEST_CALL_KIND_UNSPECIFIED, UNRECOGNIZED -> throw new IllegalArgumentException("call: " + call);
        }
        publishNextReady();
    }

    private void publishNextReady() {
        if (isAreaBusy || isReadyUnacknowledged || isInHandler || ready.isEmpty()) {
            return;
        }
        Ready next = ready.poll();
        isAreaBusy = true;
        isReadyUnacknowledged = true;
        if (next.token() == Token.WAKE_ALL || !memory.losesReadyNow()) {
            tell(HostEvent.newBuilder()
                    .setKind(HostEventKind.HOST_EVENT_KIND_INTERRUPT)
                    .setInterrupt(AsyncPf.DEFAULT_INTERRUPT)
                    .setReason(Reason.REASON_PAGE_READY)
                    .setToken(next.token()));
        }
        next.published().run();
    }

    private void map(Fault fault, Outcome.Builder outcome) {
        byte[] loaded = memory.access(
                fault.getIpa(), fault.getLoadBytes(), fault.getStore().toByteArray());
        outcome.setLoaded(ByteString.copyFrom(loaded));
    }

    private void tell(HostEvent.Builder event) {
        if (guest != null) {
            guest.onNext(HostBatch.newBuilder().addEvents(event.setVcpuId(id)).build());
        }
    }

    private static void send(StreamObserver<OutcomeBatch> outcomes, Outcome.Builder outcome) {
        outcomes.onNext(OutcomeBatch.newBuilder().addOutcomes(outcome).build());
    }
}
