// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.grpc;

import io.faultline.loadtest.guest.GuestKernel;
import io.faultline.proto.notifier.v1.AreaWords;
import io.faultline.proto.notifier.v1.GuestBatch;
import io.faultline.proto.notifier.v1.GuestCall;
import io.faultline.proto.notifier.v1.GuestCallKind;
import io.faultline.proto.notifier.v1.GuestServiceGrpc;
import io.faultline.proto.notifier.v1.HostBatch;
import io.faultline.proto.notifier.v1.HostEvent;
import io.faultline.rpc.BatchStream;
import io.faultline.rpc.Turn;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Executor;

/**
 * One Attach stream: a guest's calls up, its host's events down to the guest kernel, batched by turn. A vCPU has at most
 * a few calls in flight, so nothing here needs to hold back. Loop thread only.
 */
public final class GuestStream {
    /** What a guest's owner has to know of the stream. Called on the loop. */
    public interface Listener {
        /** The kernel was given all the events of a message. */
        void endOfBatch();

        /** The stream ended; {@code OK} when that was in good order. Not called after {@link GuestStream#cut}. */
        void guestStreamEnded(Status status);
    }

    private static final int CALLS_PER_BATCH_MAX = 1_024;

    private final long vmId;
    private final Calls batch = new Calls();
    private final ClientCallStreamObserver<GuestBatch> call;
    private final BatchStream<GuestBatch> out;
    private final Executor loop;
    private boolean isOpened;
    private boolean isCut;

    /** Opens the stream; one that cannot be opened says so in a later turn of the loop. */
    public GuestStream(Executor loop, Turn turn, Channel channel, long vmId, GuestKernel kernel, Listener listener) {
        this.vmId = vmId;
        this.loop = loop;
        call = (ClientCallStreamObserver<GuestBatch>)
                GuestServiceGrpc.newStub(channel).attach(new Events(kernel, listener));
        out = new BatchStream<>(turn, call, batch);
        isOpened = true;
    }

    /** A vCPU came up. */
    public void attach(int vcpuId, long callId) {
        append(vcpuId, GuestCallKind.GUEST_CALL_KIND_ATTACH, callId).setVmId(vmId);
        out.appended();
    }

    /** A vCPU made an SDEI call. */
    public void sdeiCall(int vcpuId, long callId, int function, long... arguments) {
        GuestCall.Builder sdei =
                append(vcpuId, GuestCallKind.GUEST_CALL_KIND_SDEI_CALL, callId).setFunction(function);
        for (long argument : arguments) {
            sdei.addArguments(argument);
        }
        out.appended();
    }

    /** A vCPU cleared its shared area's token, then its reason. */
    public void clearArea(int vcpuId) {
        append(vcpuId, GuestCallKind.GUEST_CALL_KIND_CLEAR_AREA, 0).setWords(AreaWords.AREA_WORDS_BOTH);
        out.appended();
    }

    /** A vCPU acknowledged its page-ready interrupt. */
    public void acknowledge(int vcpuId, long callId) {
        append(vcpuId, GuestCallKind.GUEST_CALL_KIND_ACKNOWLEDGE, callId);
        out.appended();
    }

    /** Ends the stream in good order. */
    public void complete() {
        out.complete();
    }

    /** Ends the stream as a guest that dies does. */
    public void cut() {
        isCut = true;
        out.abandon();
        call.cancel("the guest is gone", null);
    }

    private GuestCall.Builder append(int vcpuId, GuestCallKind kind, long callId) {
        return batch.next().setVcpuId(vcpuId).setKind(kind).setCallId(callId);
    }

    /** The open batch. */
    private static final class Calls implements BatchStream.Batch<GuestBatch> {
        private GuestBatch.Builder calls = GuestBatch.newBuilder();

        GuestCall.Builder next() {
            return calls.addCallsBuilder();
        }

        @Override
        public boolean isEmpty() {
            return calls.getCallsCount() == 0;
        }

        @Override
        public boolean isFull() {
            return calls.getCallsCount() == CALLS_PER_BATCH_MAX;
        }

        @Override
        public GuestBatch take() {
            GuestBatch taken = calls.build();
            calls = GuestBatch.newBuilder();
            return taken;
        }
    }

    /** The incoming side. */
    private final class Events implements StreamObserver<HostBatch> {
        private final GuestKernel kernel;
        private final Listener listener;

        Events(GuestKernel kernel, Listener listener) {
            this.kernel = kernel;
            this.listener = listener;
        }

        @Override
        public void onNext(HostBatch message) {
            if (isCut) {
                return;
            }
            for (HostEvent event : message.getEventsList()) {
                deliver(event);
            }
            listener.endOfBatch();
        }

        private void deliver(HostEvent event) {
            int vcpuId = event.getVcpuId();
            switch (event.getKind()) {
                case HOST_EVENT_KIND_ATTACHED -> kernel.attached(vcpuId);
                case HOST_EVENT_KIND_RESULT -> kernel.result(vcpuId, event.getCallId(), event.getResult());
                case HOST_EVENT_KIND_SDEI_EVENT -> kernel.notPresent(vcpuId, event.getReasonValue(), event.getToken());
                case HOST_EVENT_KIND_RESUMED -> kernel.resumed(vcpuId, event.getCallId());
                case HOST_EVENT_KIND_INTERRUPT -> kernel.interrupt(vcpuId, event.getReasonValue(), event.getToken());
                case HOST_EVENT_KIND_DETACHED -> kernel.detached(vcpuId);
                case HOST_EVENT_KIND_UNSPECIFIED, UNRECOGNIZED ->
                    throw Status.INTERNAL
                            .withDescription("host event kind: " + event.getKindValue() + " (expected: 1 to 6)")
                            .asRuntimeException();
            }
        }

        @Override
        public void onError(Throwable error) {
            ended(Status.fromThrowable(error));
        }

        @Override
        public void onCompleted() {
            ended(Status.OK);
        }

        private void ended(Status status) {
            if (!isOpened) {
                loop.execute(() -> ended(status));
            } else if (!isCut) {
                out.abandon();
                listener.guestStreamEnded(status);
            }
        }
    }
}
