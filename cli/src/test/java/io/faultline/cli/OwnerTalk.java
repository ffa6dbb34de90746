// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import io.faultline.proto.notifier.v1.NotificationServiceGrpc;
import io.faultline.proto.notifier.v1.NotifyBatch;
import io.faultline.proto.notifier.v1.NotifyCommand;
import io.faultline.proto.notifier.v1.NotifyKind;
import io.faultline.proto.notifier.v1.Refusal;
import io.faultline.proto.notifier.v1.Verdict;
import io.faultline.proto.notifier.v1.VerdictBatch;
import io.faultline.proto.notifier.v1.VerdictKind;
import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import java.util.EnumMap;
import java.util.Map;

/** A Notify stream that reads, and counts its verdicts. Any thread. */
final class OwnerTalk {
    private static final int BATCH = 1024;

    private final Map<VerdictKind, Integer> verdicts = new EnumMap<>(VerdictKind.class);
    private final Map<Refusal, Integer> refusals = new EnumMap<>(Refusal.class);
    private final StreamObserver<NotifyBatch> commands;
    private final long vmId;

    OwnerTalk(Channel channel, long vmId) {
        this.vmId = vmId;
        commands = NotificationServiceGrpc.newStub(channel).notify(new Verdicts());
    }

    /** Commands the vCPUs 0 to {@code vcpus - 1}, each once. */
    void say(NotifyKind kind, int vcpus, long epoch) {
        for (int from = 0; from < vcpus; from += BATCH) {
            NotifyBatch.Builder batch = NotifyBatch.newBuilder();
            for (int vcpuId = from; vcpuId < Math.min(from + BATCH, vcpus); vcpuId++) {
                batch.addCommands(command(kind, vmId, vcpuId, epoch));
            }
            commands.onNext(batch.build());
        }
    }

    static NotifyCommand.Builder command(NotifyKind kind, long vmId, int vcpuId, long epoch) {
        return NotifyCommand.newBuilder()
                .setKind(kind)
                .setVmId(vmId)
                .setVcpuId(vcpuId)
                .setEpoch(epoch)
                .setToken(0x1001)
                .setControl(0x4000_0001L)
                .setSdeiEvent(0x4040_0001)
                .setPageReadyInterrupt(17);
    }

    synchronized int verdicts(VerdictKind kind) {
        return verdicts.getOrDefault(kind, 0);
    }

    synchronized int refusals(Refusal refusal) {
        return refusals.getOrDefault(refusal, 0);
    }

    void end() {
        commands.onCompleted();
    }

    private final class Verdicts implements StreamObserver<VerdictBatch> {
        @Override
        public void onNext(VerdictBatch batch) {
            synchronized (OwnerTalk.this) {
                for (Verdict verdict : batch.getVerdictsList()) {
                    verdicts.merge(verdict.getKind(), 1, Integer::sum);
                    refusals.merge(verdict.getRefusal(), 1, Integer::sum);
                }
            }
        }

        @Override
        public void onError(Throwable error) {}

        @Override
        public void onCompleted() {}
    }
}
