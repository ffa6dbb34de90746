// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.PageSize;
import io.faultline.proto.pager.v1.PageReplyKind;
import io.faultline.telemetry.TraceParent;
import io.grpc.Drainable;
import io.grpc.StatusRuntimeException;
import io.grpc.internal.CompositeReadableBuffer;
import io.grpc.internal.ReadableBuffers;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/** A batch that gRPC's transport holds in pieces is read where it lies: as if it were a plain stream of the same bytes. */
class PageBatchPiecesTest {
    private static final int ROUNDS = 100;
    private static final long VM = 7;

    @RepeatedTest(8)
    void requestsAreReadInPiecesAsInOne(RepetitionInfo repetition) throws IOException {
        Random random = new Random(repetition.getCurrentRepetition());
        for (int round = 0; round < ROUNDS; round++) {
            byte[] message = spoilt(requests(random), random);

            assertThat(readRequests(inPieces(message, random)))
                    .as("seed %d, round %d", repetition.getCurrentRepetition(), round)
                    .isEqualTo(readRequests(new ByteArrayInputStream(message)));
        }
    }

    @RepeatedTest(8)
    void repliesAreReadInPiecesAsInOne(RepetitionInfo repetition) throws IOException {
        Random random = new Random(-repetition.getCurrentRepetition());
        for (int round = 0; round < ROUNDS; round++) {
            byte[] message = spoilt(replies(random), random);
            long wanted = random.nextLong();

            assertThat(readReplies(inPieces(message, random), wanted))
                    .as("seed %d, round %d", -repetition.getCurrentRepetition(), round)
                    .isEqualTo(readReplies(new ByteArrayInputStream(message), wanted));
        }
    }

    private static byte[] requests(Random random) throws IOException {
        OutgoingPageRequests batch = new OutgoingPageRequests();
        int count = 1 + random.nextInt(40);
        for (int i = 0; i < count; i++) {
            long number = random.nextLong() >>> random.nextInt(64);
            switch (random.nextInt(8)) {
                case 0 -> batch.store(number, VM, number, i, random.nextInt(), page(random));
                case 1 ->
                    batch.tracedFetch(number, VM, number, i, PageSize.SIZE_4K.bytes(), new TraceParent(1, 2, i + 1));
                case 2 -> batch.discard(0, VM, number, i, PageSize.SIZE_64K.bytes());
                default -> batch.fetch(number, VM, number, i, PageSize.SIZE_4K.bytes());
            }
        }
        return encoded(batch);
    }

    private static byte[] replies(Random random) throws IOException {
        OutgoingPageReplies batch = new OutgoingPageReplies();
        int count = 1 + random.nextInt(40);
        for (int i = 0; i < count; i++) {
            long number = random.nextLong() >>> random.nextInt(64);
            if (random.nextInt(4) == 0) {
                batch.reply(number, PageReplyKind.PAGE_REPLY_KIND_ZERO, 1);
            } else {
                batch.data(number, 1, random.nextInt(), page(random), 0, PageSize.SIZE_4K.bytes());
            }
        }
        return encoded(batch);
    }

    private static MemorySegment page(Random random) {
        byte[] content = new byte[PageSize.SIZE_4K.bytes()];
        random.nextBytes(content);
        return MemorySegment.ofArray(content);
    }

    private static byte[] encoded(OutgoingPages batch) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (InputStream encoded = batch.encoded()) {
            ((Drainable) encoded).drainTo(bytes);
        }
        return bytes.toByteArray();
    }

    /** Half of the messages are as they were; of the others some bytes near the beginning are not, or the end is missing. */
    private static byte[] spoilt(byte[] message, Random random) {
        byte[] spoilt = random.nextInt(8) == 0 ? Arrays.copyOf(message, random.nextInt(message.length)) : message;
        if (random.nextBoolean() && spoilt.length > 0) {
            for (int i = random.nextInt(3); i >= 0; i--) {
                spoilt[random.nextInt(Math.min(spoilt.length, 600))] = (byte) random.nextInt();
            }
        }
        return spoilt;
    }

    private static InputStream inPieces(byte[] message, Random random) {
        ByteBuffer whole =
                ByteBuffer.allocateDirect(message.length).put(message).flip();
        CompositeReadableBuffer pieces = new CompositeReadableBuffer();
        int most = 1 + random.nextInt(random.nextBoolean() ? 40 : 20_000);
        for (int at = 0; at < message.length; ) {
            int length = Math.min(message.length - at, 1 + random.nextInt(most));
            pieces.addBuffer(ReadableBuffers.wrap(whole.slice(at, length)));
            at += length;
        }
        return ReadableBuffers.openStream(pieces, true);
    }

    private static String readRequests(InputStream message) {
        IncomingPageRequests batch = new IncomingPageRequests();
        StringBuilder read = new StringBuilder();
        try (batch) {
            batch.parse(message);
            for (int i = 0; i < batch.size(); i++) {
                read.append(batch.requestId(i))
                        .append(batch.operation(i))
                        .append(batch.vmId(i))
                        .append(' ')
                        .append(batch.gfn(i))
                        .append(' ')
                        .append(batch.version(i))
                        .append(' ')
                        .append(batch.sizeBytes(i))
                        .append(' ')
                        .append(batch.crc32c(i))
                        .append(batch.trace(i));
                appendPage(batch, i, read);
            }
        } catch (StatusRuntimeException e) {
            read.append(e.getStatus());
        }
        return read.toString();
    }

    /** Copies the pages whose bit of {@code wanted} is set, and leaves the others out. */
    private static String readReplies(InputStream message, long wanted) {
        IncomingPageReplies batch = new IncomingPageReplies();
        StringBuilder read = new StringBuilder();
        try (batch) {
            batch.parse(message);
            for (int i = 0; i < batch.size(); i++) {
                read.append(batch.requestId(i))
                        .append(batch.kind(i))
                        .append(batch.tierCode(i))
                        .append(' ')
                        .append(batch.sizeBytes(i))
                        .append(' ')
                        .append(batch.crc32c(i));
                if ((wanted >>> i & 1) != 0) {
                    appendPage(batch, i, read);
                }
            }
        } catch (StatusRuntimeException e) {
            read.append(e.getStatus());
        }
        return read.toString();
    }

    private static void appendPage(IncomingPages batch, int i, StringBuilder read) {
        if (batch.hasPage(i)) {
            byte[] page = new byte[batch.sizeBytes(i)];
            batch.copyPage(i, MemorySegment.ofArray(page), 0);
            read.append(Arrays.hashCode(page));
        }
        read.append('\n');
    }
}
