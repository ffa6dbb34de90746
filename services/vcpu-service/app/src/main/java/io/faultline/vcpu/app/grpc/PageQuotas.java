// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import io.faultline.proto.pager.v1.PageServiceGrpc;
import io.faultline.proto.pager.v1.SetVmQuotaRequest;
import io.faultline.proto.pager.v1.SetVmQuotaResponse;
import io.faultline.rpc.ServiceLoop;
import io.faultline.vcpu.app.host.TierQuota;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The VMs' quotas, of which each pager is told when a VM begins and again whenever it is connected, for it may have
 * restarted. When one could not take a quota just now, all are told to all again some seconds later: saying it twice
 * changes nothing. At most as many as there are VMs. Loop thread only.
 */
final class PageQuotas {
    private static final Logger log = LoggerFactory.getLogger(PageQuotas.class);
    private static final long DEADLINE_S = 5;
    private static final long RETRY_NS = TimeUnit.SECONDS.toNanos(5);

    private final ServiceLoop loop;
    private final Supplier<List<Channel>> pagers;
    private final Map<Long, SetVmQuotaRequest> byVm = new LinkedHashMap<>();
    private boolean retrying;

    /** No VM yet; {@code pagers} gives those that are connected. */
    PageQuotas(ServiceLoop loop, Supplier<List<Channel>> pagers) {
        this.loop = loop;
        this.pagers = pagers;
    }

    /** A VM begins. */
    void set(long vmId, TierQuota quota) {
        SetVmQuotaRequest request = SetVmQuotaRequest.newBuilder()
                .setVmId(vmId)
                .setWeight(quota.weight())
                .setDramMaxBytes(quota.dramMaxBytes())
                .setCompressedMaxBytes(quota.compressedMaxBytes())
                .build();
        byVm.put(vmId, request);
        pagers.get().forEach(pager -> tell(pager, request));
    }

    /** A VM has ended. */
    void forget(long vmId) {
        byVm.remove(vmId);
    }

    /** A pager is connected (again). */
    void tellAll(Channel pager) {
        byVm.values().forEach(request -> tell(pager, request));
    }

    private void tell(Channel pager, SetVmQuotaRequest request) {
        PageServiceGrpc.newStub(pager)
                .withDeadlineAfter(DEADLINE_S, TimeUnit.SECONDS)
                .setVmQuota(request, new Answer(request.getVmId()));
    }

    private void refused(long vmId, Throwable error) {
        Status status = Status.fromThrowable(error);
        log.warn("vm {}: a pager has not taken its quota: {}", vmId, status);
        boolean maySucceed =
                status.getCode() == Status.Code.UNAVAILABLE || status.getCode() == Status.Code.DEADLINE_EXCEEDED;
        if (maySucceed && !retrying) {
            retrying = true;
            loop.executeAfter(this::retry, RETRY_NS);
        }
    }

    private void retry() {
        retrying = false;
        pagers.get().forEach(this::tellAll);
    }

    /** A pager's answer. */
    private final class Answer implements StreamObserver<SetVmQuotaResponse> {
        private final long vmId;

        Answer(long vmId) {
            this.vmId = vmId;
        }

        @Override
        public void onNext(SetVmQuotaResponse response) {}

        @Override
        public void onError(Throwable error) {
            refused(vmId, error);
        }

        @Override
        public void onCompleted() {}
    }
}
