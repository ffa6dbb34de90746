// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.peers.bare;

import io.faultline.proto.notifier.v1.GuestBatch;
import io.faultline.proto.notifier.v1.GuestCall;
import io.faultline.proto.notifier.v1.GuestCallKind;
import io.faultline.proto.notifier.v1.GuestServiceGrpc;
import io.faultline.proto.notifier.v1.HostBatch;
import io.faultline.proto.notifier.v1.HostEvent;
import io.faultline.proto.notifier.v1.HostEventKind;
import io.faultline.proto.notifier.v1.NotificationServiceGrpc;
import io.faultline.proto.notifier.v1.NotifyBatch;
import io.faultline.proto.notifier.v1.NotifyCommand;
import io.faultline.proto.notifier.v1.NotifyKind;
import io.faultline.proto.notifier.v1.Reason;
import io.faultline.proto.notifier.v1.Verdict;
import io.faultline.proto.notifier.v1.VerdictBatch;
import io.faultline.proto.notifier.v1.VerdictKind;
import io.faultline.rpc.BatchStream;
import io.faultline.rpc.Turn;
import io.grpc.stub.CallStreamObserver;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;

/**
 * Sends what notifier-service would send, and remembers nothing: a publication becomes an event and a verdict, a completion an
 * interrupt and a verdict. One guest. Loop thread only.
 */
final class BareNotifier {
    private static final long ENTRY = 0xFFFF_8000_0801_0800L;
    private static final int SDEI_EVENT = 0x4040_0001;
    private static final int INTERRUPT = 17;

    private final Turn turn;
    private @Nullable Guest guest;

    BareNotifier(Turn turn) {
        this.turn = turn;
    }

    NotificationServiceGrpc.NotificationServiceImplBase owners() {
        return new NotificationServiceGrpc.NotificationServiceImplBase() {
            @Override
            public StreamObserver<NotifyBatch> notify(StreamObserver<VerdictBatch> verdicts) {
                return new Owner(verdicts);
            }
        };
    }

    GuestServiceGrpc.GuestServiceImplBase guests() {
        return new GuestServiceGrpc.GuestServiceImplBase() {
            @Override
            public StreamObserver<GuestBatch> attach(StreamObserver<HostBatch> events) {
                Guest attached = new Guest(events);
                guest = attached;
                return attached;
            }
        };
    }

    /** The stream of the bare fault plane. */
    private final class Owner implements StreamObserver<NotifyBatch> {
        private final Records<Verdict, VerdictBatch> verdicts = new Records<>(
                records -> VerdictBatch.newBuilder().addAllVerdicts(records).build());
        private final BatchStream<VerdictBatch> out;

        Owner(StreamObserver<VerdictBatch> call) {
            out = new BatchStream<>(turn, (CallStreamObserver<VerdictBatch>) call, verdicts);
        }

        @Override
        public void onNext(NotifyBatch batch) {
            for (NotifyCommand command : batch.getCommandsList()) {
                boolean isPublication = command.getKind() == NotifyKind.NOTIFY_KIND_PUBLISH;
                tellGuest(command, isPublication);
                verdicts.add(Verdict.newBuilder()
                        .setKind(isPublication ? VerdictKind.VERDICT_KIND_ACCEPTED : VerdictKind.VERDICT_KIND_READY)
                        .setVmId(command.getVmId())
                        .setVcpuId(command.getVcpuId())
                        .setEpoch(command.getEpoch())
                        .setToken(command.getToken())
                        .setCause(command.getCause())
                        .build());
                out.appended();
            }
        }

        private void tellGuest(NotifyCommand command, boolean isPublication) {
            HostEvent.Builder event = HostEvent.newBuilder()
                    .setVcpuId(command.getVcpuId())
                    .setReason(isPublication ? Reason.REASON_PAGE_NOT_PRESENT : Reason.REASON_PAGE_READY)
                    .setToken(command.getToken());
            if (isPublication) {
                event.setKind(HostEventKind.HOST_EVENT_KIND_SDEI_EVENT)
                        .setEvent(SDEI_EVENT)
                        .setArgument(command.getVcpuId())
                        .setEntry(ENTRY);
            } else {
                event.setKind(HostEventKind.HOST_EVENT_KIND_INTERRUPT).setInterrupt(INTERRUPT);
            }
            Guest told = guest;
            if (told != null) {
                told.send(event.build());
            }
        }

        @Override
        public void onError(Throwable error) {
            out.abandon();
        }

        @Override
        public void onCompleted() {
            out.complete();
        }
    }

    /** The stream of the guest. */
    private final class Guest implements StreamObserver<GuestBatch> {
        private final Records<HostEvent, HostBatch> events = new Records<>(
                records -> HostBatch.newBuilder().addAllEvents(records).build());
        private final BatchStream<HostBatch> out;

        Guest(StreamObserver<HostBatch> call) {
            out = new BatchStream<>(turn, (CallStreamObserver<HostBatch>) call, events);
        }

        void send(HostEvent event) {
            events.add(event);
            out.appended();
        }

        @Override
        public void onNext(GuestBatch batch) {
            for (GuestCall call : batch.getCallsList()) {
                if (call.getCallId() != 0) {
                    send(HostEvent.newBuilder()
                            .setKind(
                                    call.getKind() == GuestCallKind.GUEST_CALL_KIND_ATTACH
                                            ? HostEventKind.HOST_EVENT_KIND_ATTACHED
                                            : HostEventKind.HOST_EVENT_KIND_RESULT)
                            .setVcpuId(call.getVcpuId())
                            .setCallId(call.getCallId())
                            .build());
                }
            }
        }

        @Override
        public void onError(Throwable error) {
            out.abandon();
        }

        @Override
        public void onCompleted() {
            out.complete();
        }
    }
}
