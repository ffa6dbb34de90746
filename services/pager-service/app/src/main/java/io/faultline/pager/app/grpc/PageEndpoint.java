// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.grpc;

import io.faultline.pager.app.host.PagerHost;
import io.faultline.pager.app.host.Watch;
import io.faultline.pager.domain.VmQuota;
import io.faultline.proto.pager.v1.DropVmRequest;
import io.faultline.proto.pager.v1.DropVmResponse;
import io.faultline.proto.pager.v1.PageServiceGrpc;
import io.faultline.proto.pager.v1.SetVmQuotaRequest;
import io.faultline.proto.pager.v1.SetVmQuotaResponse;
import io.faultline.proto.pager.v1.StatsRequest;
import io.faultline.proto.pager.v1.StatsResponse;
import io.faultline.rpc.ServiceLoop;
import io.faultline.rpc.Statuses;
import io.faultline.rpc.Turn;
import io.faultline.rpc.page.IncomingPageRequests;
import io.faultline.rpc.page.OutgoingPageReplies;
import io.faultline.rpc.page.PageExchange;
import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;

/** The page service: streams of page batches, and the unary calls beside them. Called on the loop. */
public final class PageEndpoint implements BindableService {
    private final ServiceLoop loop;
    private final Turn turn;
    private final PagerHost host;
    private final PageStreams streams;
    private final PageStream.Timing timing;
    private boolean draining;

    /** An endpoint whose streams are kept in {@code streams}, where the host's answers go. */
    public PageEndpoint(ServiceLoop loop, Turn turn, PagerHost host, PageStreams streams, Watch watch) {
        timing = new PageStream.Timing(watch, loop::nowNs);
        this.loop = loop;
        this.turn = turn;
        this.host = host;
        this.streams = streams;
    }

    @Override
    public ServerServiceDefinition bindService() {
        return PageExchange.bind(new UnaryCalls(), this::exchange);
    }

    /** Takes no more requests, waits for the stores in flight, ends every stream, then calls back on the loop. */
    public void drain(Runnable whenDone) {
        draining = true;
        streams.forEach(PageStream::drain);
        host.drain(() -> {
            end();
            whenDone.run();
        });
    }

    /** Ends every stream now; on the loop. */
    public void end() {
        streams.forEach(stream -> stream.end(Status.UNAVAILABLE.withDescription("the pager is shutting down")));
    }

    private ServerCall.Listener<IncomingPageRequests> exchange(
            ServerCall<IncomingPageRequests, OutgoingPageReplies> call, Metadata headers) {
        if (!loop.isInLoop()) {
            throw new IllegalStateException("thread: " + Thread.currentThread().getName() + " (expected: the loop)");
        }
        PageStream stream =
                draining ? null : streams.open(number -> new PageStream(turn, host, streams, timing, call, number));
        if (stream != null) {
            return stream.start();
        }
        Status status = draining
                ? Status.UNAVAILABLE.withDescription("the pager is shutting down")
                : Status.RESOURCE_EXHAUSTED.withDescription("streams: all in use (faultline.pager.streams-max)");
        call.close(status, new Metadata());
        return new ServerCall.Listener<>() {};
    }

    private final class UnaryCalls extends PageServiceGrpc.PageServiceImplBase {
        @Override
        public void stats(StatsRequest request, StreamObserver<StatsResponse> answer) {
            if (request.getVmId() < 0) {
                answer.onError(Statuses.invalid(
                        "vm_id", Long.toUnsignedString(request.getVmId()) + " (expected: 0 to 2^63-1)"));
                return;
            }
            PagerHost.HostStats all = host.stats();
            answer.onNext(
                    request.getVmId() == 0
                            ? StatsMessages.of(all.pager(), all.storePages(), all.storeName())
                            : StatsMessages.of(
                                    host.stats(request.getVmId()), host.share(request.getVmId()), all.storeName()));
            answer.onCompleted();
        }

        @Override
        public void dropVm(DropVmRequest request, StreamObserver<DropVmResponse> answer) {
            if (request.getVmId() <= 0) {
                answer.onError(Statuses.invalid(
                        "vm_id", Long.toUnsignedString(request.getVmId()) + " (expected: 1 to 2^63-1)"));
                return;
            }
            boolean begun = host.dropVm(request.getVmId(), (pagesDropped, ok) -> {
                if (ok) {
                    answer.onNext(DropVmResponse.newBuilder()
                            .setPagesDropped(pagesDropped)
                            .build());
                    answer.onCompleted();
                } else {
                    answer.onError(Statuses.unavailable("the swap store could not forget the VM: try again"));
                }
            });
            if (!begun) {
                answer.onError(Statuses.resourceExhausted("too many VMs are being dropped: try again"));
            }
        }

        @Override
        public void setVmQuota(SetVmQuotaRequest request, StreamObserver<SetVmQuotaResponse> answer) {
            long vmId = request.getVmId();
            if (vmId <= 0) {
                answer.onError(Statuses.invalid("vm_id", Long.toUnsignedString(vmId) + " (expected: 1 to 2^63-1)"));
                return;
            }
            VmQuota quota;
            try {
                quota = new VmQuota(
                        request.getWeight() == 0 ? VmQuota.DEFAULT.weight() : request.getWeight(),
                        request.getDramMaxBytes(),
                        request.getCompressedMaxBytes());
            } catch (IllegalArgumentException e) {
                answer.onError(Statuses.invalid("quota", String.valueOf(e.getMessage())));
                return;
            }
            if (host.isDropping(vmId)) {
                answer.onError(Statuses.unavailable("vm_id: " + vmId + " is being dropped: try again"));
            } else if (host.setQuota(vmId, quota)) {
                answer.onNext(SetVmQuotaResponse.getDefaultInstance());
                answer.onCompleted();
            } else {
                answer.onError(Statuses.resourceExhausted("vm_id: " + vmId + " is one too many to have a quota"));
            }
        }
    }
}
