// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.app.grpc;

import io.faultline.notifier.domain.Verdict;
import io.faultline.proto.notifier.v1.VerdictBatch;
import io.faultline.rpc.BatchStream;

/** Verdicts on their way into one message. Loop thread only. */
final class VerdictBatches implements BatchStream.Batch<VerdictBatch> {
    private final VerdictBatch.Builder batch = VerdictBatch.newBuilder();

    void add(Verdict verdict) {
        batch.addVerdicts(io.faultline.proto.notifier.v1.Verdict.newBuilder()
                .setKindValue(verdict.kind().code())
                .setVmId(verdict.vmId())
                .setVcpuId(verdict.vcpuId())
                .setEpoch(verdict.epoch())
                .setToken(verdict.token())
                .setRefusalValue(verdict.refusal().code())
                .setCause(verdict.cause()));
    }

    @Override
    public boolean isEmpty() {
        return batch.getVerdictsCount() == 0;
    }

    @Override
    public boolean isFull() {
        return batch.getVerdictsCount() >= Batches.RECORDS_MAX;
    }

    @Override
    public VerdictBatch take() {
        VerdictBatch taken = batch.build();
        batch.clear();
        return taken;
    }
}
