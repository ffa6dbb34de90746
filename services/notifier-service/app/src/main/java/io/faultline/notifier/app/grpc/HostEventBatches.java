// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.app.grpc;

import io.faultline.notifier.domain.CpuContext;
import io.faultline.notifier.domain.HostEvent;
import io.faultline.proto.notifier.v1.HostBatch;
import io.faultline.rpc.BatchStream;

/** Host events on their way into one message. Loop thread only. */
final class HostEventBatches implements BatchStream.Batch<HostBatch> {
    private final HostBatch.Builder batch = HostBatch.newBuilder();

    void add(HostEvent event) {
        io.faultline.proto.notifier.v1.HostEvent.Builder message = io.faultline.proto.notifier.v1.HostEvent.newBuilder()
                .setKindValue(event.kind().code())
                .setVcpuId(event.vcpuId())
                .setCallId(event.callId())
                .setResult(event.result())
                .setEvent(event.event())
                .setArgument(event.argument())
                .setEntry(event.entry())
                .setReasonValue(event.reason())
                .setToken(event.token())
                .setInterrupt(event.interrupt())
                .setDetail(event.detail());
        CpuContext context = event.context();
        if (context != null) {
            message.setContext(CpuContexts.toMessage(context));
        }
        batch.addEvents(message);
    }

    @Override
    public boolean isEmpty() {
        return batch.getEventsCount() == 0;
    }

    @Override
    public boolean isFull() {
        return batch.getEventsCount() >= Batches.RECORDS_MAX;
    }

    @Override
    public HostBatch take() {
        HostBatch taken = batch.build();
        batch.clear();
        return taken;
    }
}
