// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import io.faultline.proto.notifier.v1.ExportSdeiRequest;
import io.faultline.proto.notifier.v1.ExportSdeiResponse;
import io.faultline.proto.notifier.v1.ImportSdeiRequest;
import io.faultline.proto.notifier.v1.ImportSdeiResponse;
import io.faultline.proto.notifier.v1.NotificationServiceGrpc;
import io.faultline.proto.notifier.v1.NotifyBatch;
import io.faultline.proto.notifier.v1.NotifyCommand;
import io.faultline.proto.notifier.v1.NotifyKind;
import io.faultline.proto.notifier.v1.Refusal;
import io.faultline.proto.notifier.v1.SdeiState;
import io.faultline.proto.notifier.v1.Verdict;
import io.faultline.proto.notifier.v1.VerdictBatch;
import io.faultline.proto.notifier.v1.VerdictKind;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A notifier whose guests are always willing, unless it is told to refuse or to say nothing. Any thread. */
final class FakeNotifier extends NotificationServiceGrpc.NotificationServiceImplBase {
    private final List<NotifyCommand> commands = new ArrayList<>();
    private Refusal publishing = Refusal.REFUSAL_UNSPECIFIED;
    private boolean silent;
    private @Nullable StreamObserver<VerdictBatch> stream;
    private final List<ImportSdeiRequest> imports = new ArrayList<>();
    private SdeiState sdeiState = SdeiState.getDefaultInstance();
    private Status importRefusal = Status.OK;
    private @Nullable StreamObserver<ImportSdeiResponse> heldImport;
    private boolean holdsImports;

    /** How publications are refused from now on; UNSPECIFIED accepts them. */
    synchronized void refusePublications(Refusal refusal) {
        publishing = refusal;
    }

    /** Whether commands get no verdict from now on. */
    synchronized void silent(boolean silent) {
        this.silent = silent;
    }

    /** The commands of one kind about a VM, in order. */
    synchronized List<NotifyCommand> commands(long vmId, NotifyKind kind) {
        return commands.stream()
                .filter(command -> command.getVmId() == vmId && command.getKind() == kind)
                .toList();
    }

    /** Tells of a verdict or of news. */
    synchronized void say(Verdict verdict) {
        if (stream != null) {
            stream.onNext(VerdictBatch.newBuilder().addVerdicts(verdict).build());
        }
    }

    /** What every vCPU's SDEI state is from now on. */
    synchronized void sdeiState(SdeiState state) {
        sdeiState = state;
    }

    /** How imports are refused from now on. */
    synchronized void refuseImports(Status refusal) {
        importRefusal = refusal;
    }

    /** Imports are not answered before {@link #answerImport}. */
    synchronized void holdImports() {
        holdsImports = true;
    }

    /** Answers the import that is held. */
    synchronized void answerImport() {
        if (heldImport == null) {
            throw new AssertionError("no import is held");
        }
        heldImport.onNext(ImportSdeiResponse.getDefaultInstance());
        heldImport.onCompleted();
    }

    /** The imports so far. */
    synchronized List<ImportSdeiRequest> imports() {
        return List.copyOf(imports);
    }

    @Override
    public synchronized void exportSdei(ExportSdeiRequest request, StreamObserver<ExportSdeiResponse> answer) {
        answer.onNext(ExportSdeiResponse.newBuilder().setState(sdeiState).build());
        answer.onCompleted();
    }

    @Override
    public synchronized void importSdei(ImportSdeiRequest request, StreamObserver<ImportSdeiResponse> answer) {
        imports.add(request);
        if (!importRefusal.isOk()) {
            answer.onError(importRefusal.asRuntimeException());
        } else if (holdsImports) {
            heldImport = answer;
        } else {
            answer.onNext(ImportSdeiResponse.getDefaultInstance());
            answer.onCompleted();
        }
    }

    @Override
    public synchronized StreamObserver<NotifyBatch> notify(StreamObserver<VerdictBatch> verdicts) {
        stream = verdicts;
        return new StreamObserver<>() {
            @Override
            public void onNext(NotifyBatch batch) {
                take(batch, verdicts);
            }

            @Override
            public void onError(Throwable error) {}

            @Override
            public void onCompleted() {
                verdicts.onCompleted();
            }
        };
    }

    private synchronized void take(NotifyBatch batch, StreamObserver<VerdictBatch> verdicts) {
        commands.addAll(batch.getCommandsList());
        if (silent) {
            return;
        }
        VerdictBatch.Builder answers = VerdictBatch.newBuilder();
        for (NotifyCommand command : batch.getCommandsList()) {
            if (command.getKind() != NotifyKind.NOTIFY_KIND_WITHDRAW) {
                answers.addVerdicts(verdict(command));
            }
        }
        verdicts.onNext(answers.build());
    }

    private Verdict.Builder verdict(NotifyCommand command) {
        Verdict.Builder verdict = Verdict.newBuilder()
                .setVmId(command.getVmId())
                .setVcpuId(command.getVcpuId())
                .setEpoch(command.getEpoch())
                .setToken(command.getToken());
        return switch (command.getKind()) {
            case NOTIFY_KIND_CREATE -> verdict.setKind(VerdictKind.VERDICT_KIND_CREATED);
            case NOTIFY_KIND_DESTROY -> verdict.setKind(VerdictKind.VERDICT_KIND_DESTROYED);
            case NOTIFY_KIND_ARM -> verdict.setKind(VerdictKind.VERDICT_KIND_ARMED);
            case NOTIFY_KIND_DISARM, NOTIFY_KIND_RESET -> verdict.setKind(VerdictKind.VERDICT_KIND_DISARMED);
            case NOTIFY_KIND_COMPLETE -> verdict.setKind(VerdictKind.VERDICT_KIND_READY);
            case NOTIFY_KIND_WAKE_ALL ->
                verdict.setKind(VerdictKind.VERDICT_KIND_READY).setToken(0xFFFFFFFF);
            case NOTIFY_KIND_PUBLISH ->
                publishing == Refusal.REFUSAL_UNSPECIFIED
                        ? verdict.setKind(VerdictKind.VERDICT_KIND_ACCEPTED)
                        : verdict.setKind(VerdictKind.VERDICT_KIND_REFUSED).setRefusal(publishing);
            case NOTIFY_KIND_WITHDRAW, NOTIFY_KIND_UNSPECIFIED, UNRECOGNIZED -> throw new AssertionError(command);
        };
    }
}
