// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc.page;

import io.faultline.benchmarks.Measured;
import io.grpc.Drainable;
import io.grpc.internal.CompositeReadableBuffer;
import io.grpc.internal.ReadableBuffers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;

/**
 * A batch of 64 requests, and the replies with their 4 KiB pages, into a message and out of one that lies in pieces of HTTP/2's
 * 16 KiB, as the transport hands it over. Pages lie far apart in 256 MiB.
 */
public class PageCodecBenchmark extends Measured {
    private static final int BATCH = PageBatchLimits.PAGES_MAX;
    private static final int PAGE_BYTES = 4096;
    private static final int PAGES = 1 << 16;
    private static final int PIECE_BYTES = 16_384;
    private static final int TIER = 1;
    /** Odd, so that its multiples modulo a power of two are all different. */
    private static final int HOP = 0x61C8_8647;

    private final MemorySegment memory = Arena.ofAuto().allocate((long) PAGES * PAGE_BYTES);
    private final OutgoingPageRequests requests = new OutgoingPageRequests();
    private final OutgoingPageReplies replies = new OutgoingPageReplies();
    private final Buffered sent = new Buffered();
    private ByteBuffer requestsMessage = ByteBuffer.allocate(0);
    private ByteBuffer repliesMessage = ByteBuffer.allocate(0);
    private int next;

    /** Encodes what is decoded. */
    @Setup
    public void encode() throws IOException {
        requestsMessage = encoded(appendRequests());
        repliesMessage = encoded(appendReplies());
    }

    /** 64 fetches into a message. */
    @Benchmark
    public int encodeRequests() throws IOException {
        return send(appendRequests());
    }

    /** 64 replies and their pages into a message. */
    @Benchmark
    public int encodeReplies() throws IOException {
        return send(appendReplies());
    }

    /** 64 fetches out of a message. */
    @Benchmark
    public long decodeRequests() {
        long sum = 0;
        try (IncomingPageRequests batch = new IncomingPageRequests()) {
            batch.parse(inPieces(requestsMessage));
            for (int i = 0; i < batch.size(); i++) {
                sum += batch.requestId(i) + batch.gfn(i);
            }
        }
        return sum;
    }

    /** 64 replies out of a message, and their pages into frames. */
    @Benchmark
    public long decodeReplies() {
        long sum = 0;
        try (IncomingPageReplies batch = new IncomingPageReplies()) {
            batch.parse(inPieces(repliesMessage));
            for (int i = 0; i < batch.size(); i++) {
                sum += batch.requestId(i);
                batch.copyPage(i, memory, nextPage());
            }
        }
        return sum;
    }

    private OutgoingPages appendRequests() {
        requests.clear();
        for (int i = 0; i < BATCH; i++) {
            requests.fetch(((long) i << Integer.SIZE) | i, 1, nextPage() / PAGE_BYTES, i + 1, PAGE_BYTES);
        }
        return requests;
    }

    private OutgoingPages appendReplies() {
        replies.clear();
        for (int i = 0; i < BATCH; i++) {
            replies.data(((long) i << Integer.SIZE) | i, TIER, i + 1, memory, nextPage(), PAGE_BYTES);
        }
        return replies;
    }

    private long nextPage() {
        next += HOP;
        return (long) (next & (PAGES - 1)) * PAGE_BYTES;
    }

    private int send(OutgoingPages batch) throws IOException {
        sent.length = 0;
        try (InputStream message = batch.encoded()) {
            return ((Drainable) message).drainTo(sent);
        }
    }

    private static ByteBuffer encoded(OutgoingPages batch) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (InputStream message = batch.encoded()) {
            ((Drainable) message).drainTo(bytes);
        }
        return ByteBuffer.allocateDirect(bytes.size()).put(bytes.toByteArray()).flip();
    }

    private static InputStream inPieces(ByteBuffer message) {
        CompositeReadableBuffer pieces = new CompositeReadableBuffer();
        for (int at = 0; at < message.limit(); at += PIECE_BYTES) {
            pieces.addBuffer(ReadableBuffers.wrap(message.slice(at, Math.min(PIECE_BYTES, message.limit() - at))));
        }
        return ReadableBuffers.openStream(pieces, true);
    }

    /** Where gRPC's own buffer would be. */
    private static final class Buffered extends OutputStream {
        private final MemorySegment buffer = Arena.ofAuto().allocate(1 << 20);
        private int length;

        @Override
        public void write(int one) {
            throw new UnsupportedOperationException("a byte at a time");
        }

        @Override
        public void write(byte[] bytes, int offset, int count) {
            MemorySegment.copy(MemorySegment.ofArray(bytes), offset, buffer, length, count);
            length += count;
        }
    }
}
