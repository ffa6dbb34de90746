// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import io.faultline.proto.pager.v1.DropVmRequest;
import io.faultline.proto.pager.v1.DropVmResponse;
import io.faultline.proto.pager.v1.PageServiceGrpc;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * VMs that have ended and whose pages the pager shall forget: asked for once connected, again after each reconnection
 * until it is done. At most {@link #WAITING_MAX} wait; beyond it the oldest is given up, its pages stay behind. Loop
 * thread only.
 */
final class PageDrops {
    static final int WAITING_MAX = 4096;

    private static final Logger log = LoggerFactory.getLogger(PageDrops.class);
    private static final long DEADLINE_S = 30;

    private final Channel channel;
    private final Map<Long, Drop> waiting = new LinkedHashMap<>();

    /** Nothing to drop yet. */
    PageDrops(Channel channel) {
        this.channel = channel;
    }

    /** Notes a VM; {@code done} runs once its pages are gone, or are kept or given up after all. */
    void add(long vmId, Runnable done) {
        if (waiting.size() >= WAITING_MAX) {
            long oldest = waiting.keySet().iterator().next();
            log.warn("vm {}: its pages stay in the tiers: {} VMs wait to be dropped already", oldest, WAITING_MAX);
            end(oldest);
        }
        waiting.put(vmId, new Drop(done));
    }

    /** Sends a noted VM's drop; nothing of that VM may still be on its way. */
    void send(long vmId) {
        Drop drop = waiting.get(vmId);
        if (drop == null || drop.sent) {
            return;
        }
        drop.sent = true;
        PageServiceGrpc.newStub(channel)
                .withDeadlineAfter(DEADLINE_S, TimeUnit.SECONDS)
                .dropVm(DropVmRequest.newBuilder().setVmId(vmId).build(), new Answer(vmId, drop));
    }

    /** Sends every drop that is not under way. */
    void sendAll() {
        List.copyOf(waiting.keySet()).forEach(this::send);
    }

    /** Takes back a drop that is not sent; false when it is under way. */
    boolean keep(long vmId) {
        Drop drop = waiting.get(vmId);
        if (drop == null) {
            return true;
        }
        if (drop.sent) {
            return false;
        }
        end(vmId);
        return true;
    }

    /** Gives up all that waits. */
    void close() {
        new ArrayList<>(waiting.keySet()).forEach(this::end);
    }

    private void end(long vmId) {
        Drop drop = waiting.remove(vmId);
        if (drop != null) {
            drop.done.run();
        }
    }

    /** A VM to be dropped. */
    private static final class Drop {
        private final Runnable done;
        private boolean sent;

        Drop(Runnable done) {
            this.done = done;
        }
    }

    /** The pager's answer to one drop. */
    private final class Answer implements StreamObserver<DropVmResponse> {
        private final long vmId;
        private final Drop drop;

        Answer(long vmId, Drop drop) {
            this.vmId = vmId;
            this.drop = drop;
        }

        @Override
        public void onNext(DropVmResponse response) {
            log.debug("vm {}: the pager dropped {} pages", vmId, response.getPagesDropped());
        }

        @Override
        public void onError(Throwable error) {
            log.warn("vm {}: its pages are not dropped yet: {}", vmId, Status.fromThrowable(error));
            drop.sent = false;
        }

        @Override
        public void onCompleted() {
            end(vmId);
        }
    }
}
