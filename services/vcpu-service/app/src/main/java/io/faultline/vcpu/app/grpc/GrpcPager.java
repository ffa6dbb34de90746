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
import io.faultline.telemetry.TraceParent;
import io.faultline.vcpu.app.host.FaultTimers;
import io.faultline.vcpu.app.host.HostedVm;
import io.faultline.vcpu.app.memory.FrameMemory;
import io.faultline.vcpu.domain.PageImport;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * One pager over {@code PageService.Exchange}: requests out, replies to the machine they are for, page bytes straight into
 * its frames. When the connection is lost, and when the pager says nothing for too long, a request is answered
 * "unavailable", for the machine to try again. Loop thread only.
 */
final class GrpcPager {
    private final ServiceLoop loop;
    private final ManagedChannel channel;
    private final PagerTally tally;
    private final FaultTimers timers;
    private final Listener listener;
    private final long hash;
    private final PageRequestBatches batches = new PageRequestBatches();
    private final PageRequests requests = new PageRequests();
    private final PeerStream<OutgoingPageRequests, IncomingPageReplies> stream;
    private boolean silent;

    /**
     * A pager that is not connected before {@link #start}.
     *
     * @param address its name among the pagers, {@code host:port}
     */
    GrpcPager(
            ServiceLoop loop,
            Turn turn,
            String address,
            ManagedChannel channel,
            PagerTally tally,
            FaultTimers timers,
            Backoff backoff,
            Listener listener) {
        this.loop = loop;
        this.channel = channel;
        this.tally = tally;
        this.timers = timers;
        this.listener = listener;
        this.hash = Rendezvous.pager(address);
        this.stream = new PeerStream<>(loop, turn, channel, new Exchange(), backoff);
    }

    /** Connects, now and after each break. */
    void start() {
        stream.start();
    }

    /** Ends the connection for good. */
    void close() {
        stream.close();
    }

    /** Whether requests reach the pager; from any thread. */
    boolean isConnected() {
        return stream.isConnected();
    }

    /** Its {@link Rendezvous#pager} hash. */
    long hash() {
        return hash;
    }

    /** For calls beside the stream. */
    Channel channel() {
        return channel;
    }

    /** Whether nothing is asked of it. */
    boolean isIdle() {
        return requests.isEmpty();
    }

    /** Whether it let a request go without an answer and has said nothing since. */
    boolean isSilent() {
        return silent;
    }

    /** Fetches a page into a frame; good bytes have this CRC-32C. Only while connected. */
    void fetch(HostedVm vm, int frame, long gfn, long version, int crc, @Nullable TraceParent trace) {
        tally.opened();
        int place = requests.open(vm, frame, crc, false, loop.nowNs());
        batches.fetch(requests.id(place), vm, gfn, version, trace);
        stream.appended();
    }

    /** Stores what the frame holds now. Only while connected. */
    void store(HostedVm vm, int frame, long gfn, long version) {
        tally.opened();
        tally.storeSent(vm.memory().pageBytes());
        int crc = vm.memory().crc32c(frame);
        int place = requests.open(vm, frame, crc, true, loop.nowNs());
        batches.store(requests.id(place), vm, frame, gfn, version, crc);
        stream.appended();
    }

    /** Stores a page of an image. Only while connected. */
    void storeImport(HostedVm vm, PageImport page, MemorySegment bytes) {
        tally.opened();
        tally.storeSent(vm.memory().pageBytes());
        int place = requests.openImport(vm, page, loop.nowNs());
        batches.store(requests.id(place), vm, bytes, page);
        stream.appended();
    }

    /** Hints that a page is not needed any more, if the pager listens. */
    void discard(HostedVm vm, long gfn, long version) {
        if (stream.isReady()) {
            batches.discard(vm, gfn, version);
            stream.appended();
        }
    }

    /** Hints that a page may be fetched soon, if the pager listens; whether it does. */
    boolean prefetch(HostedVm vm, long gfn, long version) {
        if (!stream.isReady()) {
            return false;
        }
        batches.prefetch(vm, gfn, version);
        stream.appended();
        return true;
    }

    /** Gives up what was asked for before this time. */
    void giveUpBefore(long sentNs, long nowNs) {
        for (int place = 0; place < requests.places(); place++) {
            HostedVm vm = requests.vm(place);
            if (vm != null && requests.sentNs(place) - sentNs < 0) {
                silent = true;
                tally.timedOut();
                giveUp(place, vm, nowNs);
            }
        }
    }

    private void receive(IncomingPageReplies replies, int i, long nowNs) {
        int place = requests.find(replies.requestId(i));
        HostedVm vm = place < 0 ? null : requests.vm(place);
        if (vm == null) {
            tally.stray();
            return;
        }
        int frame = requests.frame(place);
        int crc = requests.crc(place);
        boolean isStore = requests.isStore(place);
        PageImport imported = requests.imported(place);
        long tookNs = nowNs - requests.sentNs(place);
        close(place, vm);
        if (!isStore) {
            time(replies, i, tookNs);
        }
        if (vm.isClosed()) {
            listener.answered(vm);
        } else if (!isStore) {
            fetched(vm, frame, crc, replies, i, nowNs);
        } else if (imported != null) {
            imported(vm, imported, replies.kind(i) == PageReplyKind.PAGE_REPLY_KIND_STORED, nowNs);
        } else if (replies.kind(i) == PageReplyKind.PAGE_REPLY_KIND_STORED) {
            vm.machine().stored(frame, crc, nowNs);
        } else {
            vm.machine().storeUnavailable(frame, nowNs);
        }
    }

    private static void imported(HostedVm vm, PageImport page, boolean isStored, long nowNs) {
        if (isStored) {
            vm.machine().importStored(page, nowNs);
        } else {
            vm.machine().importUnavailable(page, nowNs);
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
            tally.storeEnded(vm.spec().pageSize().bytes());
        }
        tally.closed();
        requests.close(place);
    }

    /* Whatever was asked may or may not have been done; pages' names make asking again harmless. */
    private void giveUp(int place, HostedVm vm, long nowNs) {
        int frame = requests.frame(place);
        boolean isStore = requests.isStore(place);
        PageImport imported = requests.imported(place);
        close(place, vm);
        if (vm.isClosed()) {
            listener.answered(vm);
        } else if (imported != null) {
            imported(vm, imported, false, nowNs);
        } else if (isStore) {
            vm.machine().storeUnavailable(frame, nowNs);
        } else {
            vm.machine().fetchUnavailable(frame, nowNs);
        }
    }

    private static PageSource source(int tierCode) {
        if (tierCode == Tier.DRAM.code()) {
            return PageSource.DRAM;
        }
        return tierCode == Tier.COMPRESSED.code() ? PageSource.COMPRESSED : PageSource.SWAP_STORE;
    }

    /** Who hears of a pager. Loop thread only. */
    interface Listener {
        /** It is connected. */
        void connected(Channel pager);

        /** A request of a VM that is closed has ended. */
        void answered(HostedVm vm);
    }

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
            listener.connected(channel);
        }

        @Override
        public void received(IncomingPageReplies message) {
            silent = false;
            try (message) {
                long nowNs = loop.nowNs();
                for (int i = 0; i < message.size(); i++) {
                    receive(message, i, nowNs);
                }
            }
        }

        @Override
        public void disconnected() {
            silent = false;
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
