// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import io.faultline.model.FailReason;
import io.faultline.model.PageSource;
import io.faultline.model.Tier;
import io.faultline.proto.pager.v1.PageReplyKind;
import io.faultline.rpc.BatchStream;
import io.faultline.rpc.ServiceLoop;
import io.faultline.rpc.Turn;
import io.faultline.rpc.page.IncomingPageReplies;
import io.faultline.rpc.page.OutgoingPageRequests;
import io.faultline.rpc.page.PageExchange;
import io.faultline.vcpu.app.host.FaultTimers;
import io.faultline.vcpu.app.host.HostedVm;
import io.faultline.vcpu.app.host.PageTiers;
import io.faultline.vcpu.app.memory.FrameMemory;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * The page plane over {@code PageService.Exchange}: requests out, replies to the machine they are for, page bytes straight
 * into its frames. Fetches under way are bounded by the VMs' frames, stores by a number of bytes. Beyond it, without a
 * connection, and when the pager says nothing for too long, a request is answered "unavailable", for the machine to try
 * again. Loop thread only.
 */
public final class GrpcPager implements PageTiers {
    private static final int LOOKS_PER_TIMEOUT = 4;

    private final ServiceLoop loop;
    private final long storesMaxBytes;
    private final long timeoutNs;
    private final FaultTimers timers;
    private final PageRequestBatches batches = new PageRequestBatches();
    private final PageRequests requests = new PageRequests();
    private final PageDrops drops;
    private final PeerStream<OutgoingPageRequests, IncomingPageReplies> stream;
    private final AtomicLong storesBytes = new AtomicLong();
    private final AtomicLong repliesToNothing = new AtomicLong();
    private final AtomicLong requestsTimedOut = new AtomicLong();
    private boolean closed;

    /** A pager that is not connected before {@link #start}. */
    public GrpcPager(
            ServiceLoop loop, Turn turn, ManagedChannel channel, Limits limits, Backoff backoff, FaultTimers timers) {
        this.loop = loop;
        this.storesMaxBytes = limits.storesMaxBytes();
        this.timeoutNs = limits.timeoutNs();
        this.timers = timers;
        this.drops = new PageDrops(channel);
        this.stream = new PeerStream<>(loop, turn, channel, new Exchange(), backoff);
    }

    /** Connects, now and after each break. */
    public void start() {
        stream.start();
        giveUpLate();
    }

    /** Ends the connection for good. */
    public void close() {
        closed = true;
        drops.close();
        stream.close();
    }

    /** Whether requests reach the pager; from any thread. */
    public boolean isConnected() {
        return stream.isConnected();
    }

    /** Replies to requests that are not open (any more); from any thread. */
    public long repliesToNothing() {
        return repliesToNothing.get();
    }

    /** Requests that were given up because the pager said nothing for too long; from any thread. */
    public long requestsTimedOut() {
        return requestsTimedOut.get();
    }

    /** Requests without an answer; from any thread. */
    public int requestsOpen() {
        return requests.size();
    }

    /** Page bytes sent and not acknowledged; from any thread. */
    public long storesInFlightBytes() {
        return storesBytes.getAcquire();
    }

    @Override
    public void fetch(HostedVm vm, int frame, long gfn, long version, int crc) {
        if (!stream.isConnected()) {
            later(vm, nowNs -> vm.machine().fetchUnavailable(frame, nowNs));
            return;
        }
        int place = requests.open(vm, frame, crc, false, loop.nowNs());
        batches.fetch(requests.id(place), vm, gfn, version);
        stream.appended();
    }

    @Override
    public void store(HostedVm vm, int frame, long gfn, long version) {
        FrameMemory memory = vm.memory();
        if (memory.isZero(frame)) {
            later(vm, nowNs -> vm.machine().storedZero(frame, nowNs));
            return;
        }
        if (!stream.isConnected() || storesBytes.getPlain() + memory.pageBytes() > storesMaxBytes) {
            later(vm, nowNs -> vm.machine().storeUnavailable(frame, nowNs));
            return;
        }
        storesBytes.setRelease(storesBytes.getPlain() + memory.pageBytes());
        int crc = memory.crc32c(frame);
        int place = requests.open(vm, frame, crc, true, loop.nowNs());
        batches.store(requests.id(place), vm, frame, gfn, version, crc);
        stream.appended();
    }

    @Override
    public void discard(HostedVm vm, long gfn, long version) {
        if (stream.isReady()) {
            batches.discard(vm, gfn, version);
            stream.appended();
        }
    }

    @Override
    public void drop(HostedVm vm, Runnable done) {
        drops.add(vm.id(), done);
        dropIfQuiet(vm);
    }

    @Override
    public boolean keep(long vmId) {
        return drops.keep(vmId);
    }

    /* A store that arrived after the drop would leave its page behind. */
    private void dropIfQuiet(HostedVm vm) {
        if (stream.isConnected() && !requests.has(vm)) {
            drops.send(vm.id());
        }
    }

    private void later(HostedVm vm, LongConsumer input) {
        loop.execute(() -> {
            if (!vm.isClosed()) {
                input.accept(loop.nowNs());
            }
        });
    }

    private void receive(IncomingPageReplies replies, int i, long nowNs) {
        int place = requests.find(replies.requestId(i));
        HostedVm vm = place < 0 ? null : requests.vm(place);
        if (vm == null) {
            repliesToNothing.incrementAndGet();
            return;
        }
        int frame = requests.frame(place);
        int crc = requests.crc(place);
        boolean isStore = requests.isStore(place);
        long tookNs = nowNs - requests.sentNs(place);
        close(place, vm);
        if (!isStore) {
            time(replies, i, tookNs);
        }
        if (vm.isClosed()) {
            dropIfQuiet(vm);
        } else if (!isStore) {
            fetched(vm, frame, crc, replies, i, nowNs);
        } else if (replies.kind(i) == PageReplyKind.PAGE_REPLY_KIND_STORED) {
            vm.machine().stored(frame, crc, nowNs);
        } else {
            vm.machine().storeUnavailable(frame, nowNs);
        }
    }

    private void time(IncomingPageReplies replies, int i, long tookNs) {
        switch (replies.kind(i)) {
            case PAGE_REPLY_KIND_DATA, PAGE_REPLY_KIND_ZERO -> timers.fetched(replies.tierCode(i), tookNs);
            case PAGE_REPLY_KIND_ABSENT -> timers.absent(tookNs);
            case PAGE_REPLY_KIND_CORRUPT -> timers.corrupt(tookNs);
            case PAGE_REPLY_KIND_UNAVAILABLE, PAGE_REPLY_KIND_STORED, PAGE_REPLY_KIND_UNSPECIFIED, UNRECOGNIZED ->
                timers.unavailable(tookNs);
        }
    }

    private void fetched(HostedVm vm, int frame, int crc, IncomingPageReplies replies, int i, long nowNs) {
        FrameMemory memory = vm.memory();
        switch (replies.kind(i)) {
            case PAGE_REPLY_KIND_DATA -> {
                if (replies.sizeBytes(i) == memory.pageBytes()) {
                    replies.copyPage(i, memory.segment(frame), memory.offset(frame));
                    arrived(vm, frame, crc, source(replies.tierCode(i)), nowNs);
                } else {
                    vm.machine().fetchFailed(frame, FailReason.PAGE_CORRUPT, nowNs);
                }
            }
            case PAGE_REPLY_KIND_ZERO -> {
                memory.clear(frame);
                arrived(vm, frame, crc, source(replies.tierCode(i)), nowNs);
            }
            case PAGE_REPLY_KIND_ABSENT -> vm.machine().fetchFailed(frame, FailReason.PAGE_ABSENT, nowNs);
            case PAGE_REPLY_KIND_CORRUPT -> vm.machine().fetchFailed(frame, FailReason.PAGE_CORRUPT, nowNs);
            case PAGE_REPLY_KIND_UNAVAILABLE, PAGE_REPLY_KIND_STORED, PAGE_REPLY_KIND_UNSPECIFIED, UNRECOGNIZED ->
                vm.machine().fetchUnavailable(frame, nowNs);
        }
    }

    private void arrived(HostedVm vm, int frame, int crc, PageSource source, long nowNs) {
        long beginNs = loop.nowNs();
        boolean isRight = vm.memory().crc32c(frame) == crc;
        timers.verified(loop.nowNs() - beginNs);
        if (isRight) {
            vm.machine().fetched(frame, source, nowNs);
        } else {
            vm.machine().fetchFailed(frame, FailReason.PAGE_CORRUPT, nowNs);
        }
    }

    private void close(int place, HostedVm vm) {
        if (requests.isStore(place)) {
            storesBytes.setRelease(storesBytes.getPlain() - vm.spec().pageSize().bytes());
        }
        requests.close(place);
    }

    /* Whatever was asked may or may not have been done; pages' names make asking again harmless. */
    private void giveUp(int place, HostedVm vm, long nowNs) {
        int frame = requests.frame(place);
        boolean isStore = requests.isStore(place);
        close(place, vm);
        if (vm.isClosed()) {
            return;
        }
        if (isStore) {
            vm.machine().storeUnavailable(frame, nowNs);
        } else {
            vm.machine().fetchUnavailable(frame, nowNs);
        }
    }

    private void giveUpLate() {
        if (!closed) {
            loop.executeAfter(this::giveUpLate, timeoutNs / LOOKS_PER_TIMEOUT);
        }
        long nowNs = loop.nowNs();
        for (int place = 0; place < requests.places(); place++) {
            HostedVm vm = requests.vm(place);
            if (vm != null && nowNs - requests.sentNs(place) > timeoutNs) {
                requestsTimedOut.incrementAndGet();
                giveUp(place, vm, nowNs);
            }
        }
    }

    private static PageSource source(int tierCode) {
        if (tierCode == Tier.DRAM.code()) {
            return PageSource.DRAM;
        }
        return tierCode == Tier.COMPRESSED.code() ? PageSource.COMPRESSED : PageSource.SWAP_STORE;
    }

    /**
     * What is waited for, and how long.
     *
     * @param storesMaxBytes the bound on page bytes sent and not acknowledged
     * @param timeoutNs how long a request may go without an answer before it is given up, in nanoseconds
     */
    public record Limits(long storesMaxBytes, long timeoutNs) {}

    /** The stream's messages. */
    private final class Exchange implements PeerStream.Protocol<OutgoingPageRequests, IncomingPageReplies> {
        @Override
        public String name() {
            return "pager-service";
        }

        @Override
        public ClientCall<OutgoingPageRequests, IncomingPageReplies> open(Channel channel) {
            return PageExchange.open(channel, CallOptions.DEFAULT);
        }

        @Override
        public BatchStream.Batch<OutgoingPageRequests> batch() {
            return batches;
        }

        @Override
        public void connected() {
            drops.sendAll();
        }

        @Override
        public void received(IncomingPageReplies message) {
            try (message) {
                long nowNs = loop.nowNs();
                for (int i = 0; i < message.size(); i++) {
                    receive(message, i, nowNs);
                }
            }
        }

        @Override
        public void disconnected() {
            long nowNs = loop.nowNs();
            for (int place = 0; place < requests.places(); place++) {
                HostedVm vm = requests.vm(place);
                if (vm != null) {
                    giveUp(place, vm, nowNs);
                }
            }
        }
    }
}
