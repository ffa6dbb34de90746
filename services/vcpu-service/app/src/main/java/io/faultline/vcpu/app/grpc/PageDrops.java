// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import io.faultline.proto.pager.v1.DropVmRequest;
import io.faultline.proto.pager.v1.DropVmResponse;
import io.faultline.proto.pager.v1.PageServiceGrpc;
import io.faultline.rpc.ServiceLoop;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * VMs that have ended and whose pages the pagers shall forget: every pager that is connected is asked, for each has its own
 * DRAM tier; one that does it clears the swap store they share. Until one did, all are asked again. At most
 * {@link #WAITING_MAX} wait; beyond it the oldest is given up, its pages stay behind. Loop thread only.
 */
final class PageDrops {
    static final int WAITING_MAX = 4096;

    private static final Logger log = LoggerFactory.getLogger(PageDrops.class);
    private static final long DEADLINE_S = 30;
    private static final long RETRY_NS = TimeUnit.SECONDS.toNanos(5);

    private final ServiceLoop loop;
    private final Supplier<List<Channel>> pagers;
    private final Map<Long, Drop> waiting = new LinkedHashMap<>();
    /* Written by the loop only. */
    private volatile int waitingCount;
    private boolean retrying;

    /** Nothing to drop yet; {@code pagers} gives those that are connected. */
    PageDrops(ServiceLoop loop, Supplier<List<Channel>> pagers) {
        this.loop = loop;
        this.pagers = pagers;
    }

    /** How many VMs' pages are not dropped yet; from any thread. */
    int waiting() {
        return waitingCount;
    }

    /** Notes a VM; {@code done} runs once its pages are gone, or are kept or given up after all. */
    void add(long vmId, Runnable done) {
        if (waiting.size() >= WAITING_MAX) {
            long oldest = waiting.keySet().iterator().next();
            log.warn("vm {}: its pages stay in the tiers: {} VMs wait to be dropped already", oldest, WAITING_MAX);
            end(oldest);
        }
        waiting.put(vmId, new Drop(done));
        waitingCount = waiting.size();
    }

    /** Nothing of a noted VM is on its way any more: a store after the drop would leave its page behind. */
    void quiet(long vmId) {
        Drop drop = waiting.get(vmId);
        if (drop != null) {
            drop.quiet = true;
            send(vmId, drop);
        }
    }

    /** Sends every drop that may be sent and is not under way. */
    void sendAll() {
        new LinkedHashMap<>(waiting).forEach(this::send);
    }

    /** Takes back a drop that is not under way; false when it is. */
    boolean keep(long vmId) {
        Drop drop = waiting.get(vmId);
        if (drop != null && drop.unanswered > 0) {
            return false;
        }
        end(vmId);
        return true;
    }

    /** Gives up all that waits. */
    void close() {
        new ArrayList<>(waiting.keySet()).forEach(this::end);
    }

    private void send(long vmId, Drop drop) {
        if (!drop.quiet || drop.unanswered > 0) {
            return;
        }
        List<Channel> asked = pagers.get();
        drop.unanswered = asked.size();
        DropVmRequest request = DropVmRequest.newBuilder().setVmId(vmId).build();
        for (Channel pager : asked) {
            PageServiceGrpc.newStub(pager)
                    .withDeadlineAfter(DEADLINE_S, TimeUnit.SECONDS)
                    .dropVm(request, new Answer(vmId, drop));
        }
    }

    private void answered(long vmId, Drop drop) {
        drop.unanswered--;
        if (drop.unanswered > 0 || waiting.get(vmId) != drop) {
            return;
        }
        if (drop.dropped) {
            end(vmId);
        } else if (!retrying) {
            retrying = true;
            loop.executeAfter(this::retry, RETRY_NS);
        }
    }

    private void retry() {
        retrying = false;
        sendAll();
    }

    private void end(long vmId) {
        Drop drop = waiting.remove(vmId);
        waitingCount = waiting.size();
        if (drop != null) {
            drop.done.run();
        }
    }

    /** A VM to be dropped. */
    private static final class Drop {
        private final Runnable done;
        private boolean quiet;
        private int unanswered;
        private boolean dropped;

        Drop(Runnable done) {
            this.done = done;
        }
    }

    /** A pager's answer to one drop. */
    private final class Answer implements StreamObserver<DropVmResponse> {
        private final long vmId;
        private final Drop drop;

        Answer(long vmId, Drop drop) {
            this.vmId = vmId;
            this.drop = drop;
        }

        @Override
        public void onNext(DropVmResponse response) {
            log.debug("vm {}: a pager dropped {} pages", vmId, response.getPagesDropped());
        }

        @Override
        public void onError(Throwable error) {
            log.warn("vm {}: a pager has not dropped its pages: {}", vmId, Status.fromThrowable(error));
            answered(vmId, drop);
        }

        @Override
        public void onCompleted() {
            drop.dropped = true;
            answered(vmId, drop);
        }
    }
}
