// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.fuzz;

import com.google.protobuf.ByteString;
import io.faultline.pager.app.compression.CodecKind;
import io.faultline.pager.app.compression.Compressor;
import io.faultline.pager.app.grpc.PageEndpoint;
import io.faultline.pager.app.grpc.PageStreams;
import io.faultline.pager.app.host.FetchTraces;
import io.faultline.pager.app.host.PagerHost;
import io.faultline.pager.app.host.PagerTimers;
import io.faultline.pager.app.host.Watch;
import io.faultline.pager.domain.DramPolicy;
import io.faultline.pager.domain.PagerLimits;
import io.faultline.pager.domain.PagerStats;
import io.faultline.pager.domain.eviction.PolicyKind;
import io.faultline.proto.pager.v1.DropVmRequest;
import io.faultline.proto.pager.v1.PageOperation;
import io.faultline.proto.pager.v1.PageRequest;
import io.faultline.proto.pager.v1.PageRequestBatch;
import io.faultline.proto.pager.v1.PageServiceGrpc;
import io.faultline.proto.pager.v1.SetVmQuotaRequest;
import io.faultline.proto.pager.v1.StatsRequest;
import io.faultline.rpc.Turn;
import io.faultline.rpc.access.PlainTextCalls;
import io.faultline.telemetry.trace.TraceQueue;
import io.grpc.ServerInterceptors;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.zip.CRC32C;

/**
 * pager-service's endpoint and domain: batches of requests, quotas and ends of VMs, in any order, above a store in which a page's name
 * says what becomes of it. Each request of a stream that stands is answered once, each page with its checksum, and a pager
 * whose VMs were all dropped holds nothing.
 */
final class PagerTarget implements FuzzTarget {
    private static final long VM = 1;
    private static final int PAGE_BYTES = 4_096;
    private static final int LARGE_PAGE_BYTES = 65_536;
    /** More large pages than DRAM holds. */
    private static final int MANY = 40;

    private static final int STREAMS_MAX = 16;
    private static final int UNSENT_BYTES_MAX = 1 << 20;
    private static final int DELETES_IN_FLIGHT_MAX = 8;
    private static final PagerLimits LIMITS = new PagerLimits(1 << 20, 1 << 16, 16, 16, 16, 64);
    private final LoopRun run = new LoopRun();
    private final Turn turn = new Turn(run.loop());
    private final Watch watch = new Watch(new PagerTimers(), new FetchTraces(TraceQueue.off(), run.loop()::nowNs));
    private final PageStreams streams = new PageStreams(STREAMS_MAX, UNSENT_BYTES_MAX);
    private final PagerHost host = new PagerHost(
            run.loop(),
            turn,
            new PagerHost.Below(
                    new Compressor(run.loop(), CodecKind.LZ4, LIMITS.compressedMaxBytes()), new NamedPages()),
            streams,
            new PagerHost.Settings(LIMITS, DramPolicy.fixed(PolicyKind.LRU), DELETES_IN_FLIGHT_MAX),
            watch);
    private final PageEndpoint endpoint = new PageEndpoint(run.loop(), turn, host, streams, watch);

    @Override
    public void read(byte[] bytes) {
        PageAnswers answers = new PageAnswers();
        Queue<Runnable> steps = new ArrayDeque<>();
        for (Runnable turn : calls(answers).turns(bytes)) {
            steps.add(turn);
            steps.add(answers::requireComplete);
        }
        steps.add(() -> {
            answers.vms().forEach(vmId -> steps.add(() -> forget(vmId)));
            steps.add(this::requireEmpty);
        });
        run.run(steps, this::isAtRest);
    }

    private ServiceCalls calls(PageAnswers answers) {
        return new ServiceCalls(
                PlainTextCalls.context(), () -> ServerInterceptors.intercept(endpoint.bindService(), answers));
    }

    private void forget(long vmId) {
        if (!host.dropVm(vmId, (pages, ok) -> {})) {
            throw new IllegalStateException("VM " + vmId + " cannot be dropped (expected: at rest, it can)");
        }
    }

    private boolean isAtRest() {
        PagerStats stats = host.stats().pager();
        return stats.loadsInFlight() + stats.loadsQueued() + stats.storesInFlight() + stats.deflationsInFlight() == 0;
    }

    private void requireEmpty() {
        PagerStats stats = host.stats().pager();
        if (stats.dram().pages() != 0
                || stats.dram().bytes() != 0
                || stats.compressed().pages() != 0
                || stats.compressed().bytes() != 0) {
            throw new IllegalStateException(stats.dram() + ", " + stats.compressed() + " (expected: nothing)");
        }
    }

    @Override
    public List<byte[]> seeds() {
        ServiceCalls calls = calls(new PageAnswers());
        int exchange = calls.indexOf(PageServiceGrpc.getExchangeMethod());
        byte[] drop = ServiceCalls.entry(
                calls.indexOf(PageServiceGrpc.getDropVmMethod()),
                DropVmRequest.newBuilder().setVmId(VM).build().toByteArray());
        byte[] quota = ServiceCalls.entry(
                calls.indexOf(PageServiceGrpc.getSetVmQuotaMethod()),
                SetVmQuotaRequest.newBuilder()
                        .setVmId(VM)
                        .setWeight(2)
                        .setDramMaxBytes(4 * LARGE_PAGE_BYTES)
                        .build()
                        .toByteArray());
        byte[] stats = ServiceCalls.entry(
                calls.indexOf(PageServiceGrpc.getStatsMethod()),
                StatsRequest.newBuilder().setVmId(VM).build().toByteArray());
        byte[] stored = store(4);
        byte[] fetched =
                requests(PageOperation.PAGE_OPERATION_FETCH, 8, PAGE_BYTES).toByteArray();
        byte[] hinted =
                requests(PageOperation.PAGE_OPERATION_PREFETCH, 8, PAGE_BYTES).toByteArray();
        byte[] discarded =
                requests(PageOperation.PAGE_OPERATION_DISCARD, 2, PAGE_BYTES).toByteArray();
        byte[] many = requests(PageOperation.PAGE_OPERATION_FETCH, MANY, LARGE_PAGE_BYTES)
                .toByteArray();
        return List.of(
                ServiceCalls.input(
                        ServiceCalls.entry(exchange, stored),
                        ServiceCalls.entry(exchange, fetched),
                        ServiceCalls.entry(exchange, discarded),
                        stats,
                        drop),
                ServiceCalls.input(
                        quota,
                        ServiceCalls.entry(exchange, many),
                        ServiceCalls.entry(exchange, many),
                        ServiceCalls.entry(exchange, fetched)),
                ServiceCalls.input(
                        ServiceCalls.togetherWithNext(exchange, hinted),
                        ServiceCalls.togetherWithNext(exchange, fetched),
                        drop,
                        ServiceCalls.togetherWithNext(exchange, stored),
                        ServiceCalls.entry(exchange, stored)));
    }

    private static PageRequestBatch requests(PageOperation operation, int pages, int pageBytes) {
        PageRequestBatch.Builder batch = PageRequestBatch.newBuilder();
        for (int i = 0; i < pages; i++) {
            batch.addRequests(request(operation, i, pageBytes));
        }
        return batch.build();
    }

    private static byte[] store(int pages) {
        PageRequestBatch.Builder batch = PageRequestBatch.newBuilder();
        ByteString.Output bytes = ByteString.newOutput();
        for (int i = 0; i < pages; i++) {
            byte[] page = new byte[PAGE_BYTES];
            page[i] = (byte) i;
            bytes.write(page, 0, page.length);
            CRC32C crc = new CRC32C();
            crc.update(page);
            batch.addRequests(
                    request(PageOperation.PAGE_OPERATION_STORE, i, PAGE_BYTES).setCrc32C((int) crc.getValue()));
        }
        return batch.setPages(bytes.toByteString()).build().toByteArray();
    }

    private static PageRequest.Builder request(PageOperation operation, int i, int pageBytes) {
        return PageRequest.newBuilder()
                .setRequestId(i)
                .setOperation(operation)
                .setVmId(VM)
                .setGfn(i)
                .setVersion(i)
                .setSizeBytes(pageBytes);
    }
}
