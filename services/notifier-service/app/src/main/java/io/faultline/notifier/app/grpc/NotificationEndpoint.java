// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.app.grpc;

import io.faultline.notifier.app.metrics.NotificationTimers;
import io.faultline.notifier.app.trace.CommandTraces;
import io.faultline.notifier.domain.NotificationMachine;
import io.faultline.notifier.domain.SdeiImport;
import io.faultline.notifier.domain.SdeiSnapshot;
import io.faultline.proto.notifier.v1.ExportSdeiRequest;
import io.faultline.proto.notifier.v1.ExportSdeiResponse;
import io.faultline.proto.notifier.v1.ImportSdeiRequest;
import io.faultline.proto.notifier.v1.ImportSdeiResponse;
import io.faultline.proto.notifier.v1.NotificationServiceGrpc;
import io.faultline.proto.notifier.v1.NotifyBatch;
import io.faultline.proto.notifier.v1.VerdictBatch;
import io.faultline.rpc.Statuses;
import io.faultline.rpc.Turn;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** {@code NotificationService}: the vcpu-services' streams, and the SDEI state that they move. Loop thread only. */
public final class NotificationEndpoint extends NotificationServiceGrpc.NotificationServiceImplBase {
    /** vcpu-services connected at once, by far more than one notifier can serve. */
    private static final int STREAMS_MAX = 1024;

    private final NotificationMachine machine;
    private final Turn turn;
    private final Runnable onWritable;
    private final NotifyStream.Watch watch;
    private final Absence absence;
    private final ServerStreams<NotifyBatch, VerdictBatch, NotifyStream> streams = new ServerStreams<>(STREAMS_MAX);

    /**
     * An endpoint of one machine.
     *
     * @param onWritable runs whenever a vcpu-service takes verdicts again, or is gone
     * @param absence how long one that is gone is waited for
     */
    public NotificationEndpoint(
            NotificationMachine machine,
            Turn turn,
            Runnable onWritable,
            NotificationTimers timers,
            CommandTraces traces,
            Absence absence) {
        this.absence = absence;
        watch = new NotifyStream.Watch(timers, traces);
        this.machine = machine;
        this.turn = turn;
        this.onWritable = onWritable;
    }

    @Override
    public StreamObserver<NotifyBatch> notify(StreamObserver<VerdictBatch> verdicts) {
        return streams.open(verdicts, call -> new NotifyStream(machine, turn, call, onWritable, watch, this::ended));
    }

    private void ended(ServerStream<NotifyBatch, VerdictBatch> stream) {
        streams.ended(stream);
        if (stream instanceof NotifyStream owner) {
            absence.later.accept(() -> owner.giveUp("its vcpu-service has been gone for " + absence.maxMs + " ms"));
        }
    }

    /**
     * How long a vcpu-service that is gone is waited for before its guests are told.
     *
     * @param later runs a task on the loop after that time
     * @param maxMs how long, in milliseconds
     */
    public record Absence(Consumer<Runnable> later, long maxMs) {}

    @Override
    public void exportSdei(ExportSdeiRequest request, StreamObserver<ExportSdeiResponse> answer) {
        SdeiSnapshot snapshot = machine.exportSdei(request.getVmId(), request.getVcpuId());
        if (snapshot == null) {
            answer.onError(notFound(request.getVmId(), request.getVcpuId()));
            return;
        }
        answer.onNext(ExportSdeiResponse.newBuilder()
                .setState(SdeiStates.toMessage(snapshot))
                .build());
        answer.onCompleted();
    }

    @Override
    public void importSdei(ImportSdeiRequest request, StreamObserver<ImportSdeiResponse> answer) {
        StatusRuntimeException refusal = restore(request);
        if (refusal != null) {
            answer.onError(refusal);
            return;
        }
        machine.enter();
        answer.onNext(ImportSdeiResponse.getDefaultInstance());
        answer.onCompleted();
    }

    private @Nullable StatusRuntimeException restore(ImportSdeiRequest request) {
        SdeiImport done;
        try {
            done = machine.importSdei(
                    request.getVmId(),
                    request.getVcpuId(),
                    request.getEpoch(),
                    SdeiStates.toSnapshot(request.getState()));
        } catch (IllegalArgumentException e) {
            return Statuses.invalid("state", String.valueOf(e.getMessage()));
        }
        return switch (done) {
            case IMPORTED -> null;
            case NOT_FOUND -> notFound(request.getVmId(), request.getVcpuId());
            case STALE ->
                Statuses.aborted("epoch: " + Long.toUnsignedString(request.getEpoch())
                        + " (expected: at least the one that the vCPU has)");
        };
    }

    private static StatusRuntimeException notFound(long vmId, int vcpuId) {
        return Statuses.notFound("vCPU " + Integer.toUnsignedString(vcpuId) + " of VM " + Long.toUnsignedString(vmId)
                + ": not found (expected: one that a vcpu-service created here)");
    }

    /** Takes no new streams and ends the open ones in good order. */
    public void drain() {
        streams.drain(stream -> {});
    }
}
