// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.grpc;

import io.faultline.model.PageSize;
import io.faultline.model.Tier;
import io.faultline.pager.app.host.FetchTraces;
import io.faultline.pager.app.host.PagerHost;
import io.faultline.pager.app.host.PagerTimers;
import io.faultline.pager.app.host.Watch;
import io.faultline.pager.app.memory.DramSlab;
import io.faultline.pager.app.store.StoreKey;
import io.faultline.pager.domain.Foresight;
import io.faultline.pager.domain.PageAnswer;
import io.faultline.proto.pager.v1.PageOperation;
import io.faultline.proto.pager.v1.PageReplyKind;
import io.faultline.rpc.Turn;
import io.faultline.rpc.page.IncomingPageRequests;
import io.faultline.rpc.page.OutgoingPageReplies;
import io.faultline.rpc.page.PageBatchLimits;
import io.faultline.telemetry.TraceParent;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.function.LongSupplier;

/**
 * One Exchange stream: hands requests to the pager, and sends what it answers in one batch a turn, sooner when a batch
 * is full. Loop thread only.
 *
 * <p>Page bytes go from the slab into gRPC's buffers when a batch is sent, so a slow client holds no cell. While it does not
 * take answers, none of its requests are read, and pages that come for those read before are not sent beyond a bound.
 */
final class PageStream extends Turn.Output {
    /** A client that leaves less than this to be sent takes what it is given, and is read. */
    private static final int TAKEN_BYTES = 256 << 10;
    /** How much more may wait to be sent before requests are not read any more: a few full batches. */
    private static final int UNSENT_BYTES = 2 << 20;
    /** Beyond this, pages that come for requests read before are not sent: the client has to ask again. */
    private static final int LATE_BYTES = 16 << 20;

    private final PagerHost host;
    private final PageStreams streams;
    private final PagerTimers timers;
    private final FetchTraces traces;
    private final LongSupplier clockNs;
    private final ServerCall<IncomingPageRequests, OutgoingPageReplies> call;
    private final int number;

    private final OutgoingPageReplies batch = new OutgoingPageReplies();
    private final int[] cells = new int[PageBatchLimits.PAGES_MAX];
    private int cellCount;
    private final WaitingFetches waiting = new WaitingFetches();
    private long unanswered;
    /** While a batch is read: whether the fetch being handed over was answered, and how many were from DRAM. */
    private boolean reading;

    private boolean answeredAtOnce;
    /** When the fetch being handed over came; 0 while none is. */
    private long fetchingSinceNs;

    private int foundAtOnce;
    /** What was sent since more than {@link #TAKEN_BYTES} wait, about. */
    private long unsentBytes;

    private boolean inputPaused;
    private boolean draining;
    private boolean halfClosed;
    private boolean ended;

    PageStream(
            Turn turn,
            PagerHost host,
            PageStreams streams,
            Timing timing,
            ServerCall<IncomingPageRequests, OutgoingPageReplies> call,
            int number) {
        super(turn);
        this.host = host;
        this.streams = streams;
        timers = timing.watch().timers();
        traces = timing.watch().traces();
        clockNs = timing.clockNs();
        this.call = call;
        this.number = number;
    }

    /** Begins to read requests. */
    ServerCall.Listener<IncomingPageRequests> start() {
        call.setOnReadyThreshold(TAKEN_BYTES);
        call.sendHeaders(new Metadata());
        call.request(1);
        return new Requests();
    }

    /** Whether so much waits to be sent that pages are better asked for again. */
    boolean isLate() {
        return unsentBytes >= LATE_BYTES || (unsentBytes > 0 && streams.isFull());
    }

    void answerData(long requestId, Tier tier, int cell) {
        timeFound(requestId, tier);
        traces.found(number, requestId, tier);
        int sizeBytes = host.sizeBytes(cell);
        if (!batch.hasRoomForPage(sizeBytes)) {
            send();
        }
        batch.data(requestId, tier.code(), host.checksum(cell), host.memory(cell), DramSlab.offset(cell), sizeBytes);
        cells[cellCount++] = cell;
        answered();
    }

    void answer(long requestId, PageAnswer answer, Tier tier) {
        time(requestId, answer, tier);
        traces.answered(number, requestId, answer, tier);
        if (batch.isFull()) {
            send();
        }
        batch.reply(requestId, kindOf(answer), tier.code());
        answered();
    }

    /** Reads no more requests; {@link #end} follows. */
    void drain() {
        draining = true;
    }

    /** Sends what is left and ends the stream. */
    void end(Status status) {
        if (!ended) {
            send();
            leave();
            call.close(status, new Metadata());
        }
    }

    @Override
    protected void endOfTurn() {
        if (ended) {
            return;
        }
        send();
        if (halfClosed && unanswered == 0) {
            end(Status.OK);
        }
    }

    /* What DRAM has is answered in the turn that asks: all of a batch share the time that the batch took. */
    private void timeFound(long requestId, Tier tier) {
        answeredAtOnce = true;
        if (reading && tier == Tier.DRAM) {
            foundAtOnce++;
            return;
        }
        Long receivedNs = waiting.remove(requestId);
        if (receivedNs != null) {
            timers.found(tier, clockNs.getAsLong() - receivedNs, 1);
        } else if (fetchingSinceNs != 0) {
            timers.found(tier, clockNs.getAsLong() - fetchingSinceNs, 1);
        }
    }

    private void time(long requestId, PageAnswer answer, Tier tier) {
        switch (answer) {
            case ZERO -> timeFound(requestId, tier);
            case STORED -> answeredAtOnce = true;
            case ABSENT, CORRUPT, UNAVAILABLE -> {
                answeredAtOnce = true;
                Long receivedNs = waiting.remove(requestId);
                if (receivedNs != null) {
                    timers.notFound(answer, clockNs.getAsLong() - receivedNs);
                } else if (fetchingSinceNs != 0) {
                    timers.notFound(answer, clockNs.getAsLong() - fetchingSinceNs);
                }
            }
        }
    }

    private void answered() {
        unanswered--;
        mark();
    }

    private void send() {
        if (batch.isEmpty()) {
            return;
        }
        int bytes = batch.messageBytes();
        call.sendMessage(batch);
        batch.clear();
        releaseCells();
        if (call.isReady()) {
            taken();
        } else {
            unsentBytes += bytes;
            streams.unsent(bytes);
        }
    }

    private void taken() {
        streams.unsent(-unsentBytes);
        unsentBytes = 0;
    }

    private void releaseCells() {
        for (int i = 0; i < cellCount; i++) {
            host.sent(cells[i]);
        }
        cellCount = 0;
    }

    private void leave() {
        ended = true;
        taken();
        streams.close(number);
        traces.gone(number);
        releaseCells();
    }

    private void readMore() {
        if (draining) {
            return;
        }
        inputPaused = !call.isReady() && (unsentBytes >= UNSENT_BYTES || streams.isFull());
        if (!inputPaused) {
            call.request(1);
        }
    }

    private void foresee(IncomingPageRequests requests) {
        Foresight foresight = host.foresight();
        for (int i = 0; i < requests.size(); i++) {
            if (requests.operation(i) == PageOperation.PAGE_OPERATION_FETCH) {
                foresight.expect(requests.vmId(i), requests.gfn(i), requests.version(i));
            }
        }
        foresight.touch();
    }

    private void take(IncomingPageRequests requests, int i, long nowNs) {
        PageSize size = PageSize.ofBytes(requests.sizeBytes(i));
        long vmId = requests.vmId(i);
        long gfn = requests.gfn(i);
        long version = requests.version(i);
        switch (requests.operation(i)) {
            case PAGE_OPERATION_FETCH -> {
                unanswered++;
                answeredAtOnce = false;
                fetchingSinceNs = nowNs;
                TraceParent trace = requests.trace(i);
                if (trace != null) {
                    traces.fetching(trace, number, requests.requestId(i), new StoreKey(vmId, gfn, version));
                }
                host.fetch(number, requests.requestId(i), vmId, gfn, version, size);
                fetchingSinceNs = 0;
                if (!answeredAtOnce) {
                    waiting.add(requests.requestId(i), nowNs);
                }
            }
            case PAGE_OPERATION_STORE -> {
                unanswered++;
                int cell = host.beginStore(number, requests.requestId(i), vmId, gfn, version, size);
                if (cell >= 0) {
                    requests.copyPage(i, host.memory(cell), DramSlab.offset(cell));
                    host.endStore(number, requests.requestId(i), cell, requests.crc32c(i));
                }
            }
            case PAGE_OPERATION_DISCARD -> host.discard(vmId, gfn, version);
            case PAGE_OPERATION_PREFETCH -> host.prefetch(vmId, gfn, version, size);
            case PAGE_OPERATION_UNSPECIFIED, UNRECOGNIZED ->
                throw new IllegalStateException("operation: " + requests.operation(i) + " (expected: a known one)");
        }
    }

    private static PageReplyKind kindOf(PageAnswer answer) {
        return switch (answer) {
            case ZERO -> PageReplyKind.PAGE_REPLY_KIND_ZERO;
            case ABSENT -> PageReplyKind.PAGE_REPLY_KIND_ABSENT;
            case CORRUPT -> PageReplyKind.PAGE_REPLY_KIND_CORRUPT;
            case UNAVAILABLE -> PageReplyKind.PAGE_REPLY_KIND_UNAVAILABLE;
            case STORED -> PageReplyKind.PAGE_REPLY_KIND_STORED;
        };
    }

    /**
     * Where times are taken.
     *
     * @param clockNs the loop's time, in nanoseconds
     */
    record Timing(Watch watch, LongSupplier clockNs) {}

    /** What gRPC says. */
    private final class Requests extends ServerCall.Listener<IncomingPageRequests> {
        @Override
        public void onMessage(IncomingPageRequests requests) {
            long nowNs = clockNs.getAsLong();
            reading = true;
            try (requests) {
                foresee(requests);
                for (int i = 0; i < requests.size() && !ended; i++) {
                    take(requests, i, nowNs);
                }
            }
            reading = false;
            if (foundAtOnce > 0) {
                timers.found(Tier.DRAM, clockNs.getAsLong() - nowNs, foundAtOnce);
                foundAtOnce = 0;
            }
            if (!ended) {
                readMore();
            }
        }

        @Override
        public void onReady() {
            if (!ended) {
                taken();
            }
            if (inputPaused && !ended) {
                readMore();
            }
        }

        @Override
        public void onHalfClose() {
            halfClosed = true;
            mark();
        }

        @Override
        public void onCancel() {
            if (!ended) {
                leave();
            }
        }
    }
}
