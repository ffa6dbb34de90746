// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import io.faultline.proto.pager.v1.PageOperation;
import io.faultline.proto.pager.v1.PageReply;
import io.faultline.proto.pager.v1.PageReplyBatch;
import io.faultline.proto.pager.v1.PageReplyKind;
import io.faultline.proto.pager.v1.PageRequest;
import io.faultline.proto.pager.v1.PageRequestBatch;
import io.faultline.proto.pager.v1.Tier;
import io.faultline.rpc.TraceParents;
import io.faultline.telemetry.TraceParent;
import io.grpc.Drainable;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageCodecTest {
    private static final long VM = Long.MAX_VALUE;
    private static final long GFN = 0x4_2000L;
    private static final int CRC = 0x8000_0001;
    private static final TraceParent TRACE = new TraceParent(-1, -2, -3);

    private final Random random = new Random(42);

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 127, 128, 0x4_2000L, Long.MAX_VALUE, -1})
    void requestsAreTheBytesThatGeneratedCodeWrites(long number) throws IOException {
        MemorySegment page = randomPage(4096);
        MemorySegment second = randomPage(16384);
        OutgoingPageRequests batch = new OutgoingPageRequests();
        batch.fetch(number, VM, number, number, 65536);
        batch.store(number, VM, number, number, CRC, page);
        batch.prefetch(number, 1, number, number, 4096);
        batch.store(number, VM, number, number, 0, second);
        batch.discard(number, VM, number, number, 16384);

        PageRequestBatch expected = PageRequestBatch.newBuilder()
                .addRequests(request(number, PageOperation.PAGE_OPERATION_FETCH, VM, 65536))
                .addRequests(request(number, PageOperation.PAGE_OPERATION_STORE, VM, 4096)
                        .setCrc32C(CRC))
                .addRequests(request(number, PageOperation.PAGE_OPERATION_PREFETCH, 1, 4096))
                .addRequests(request(number, PageOperation.PAGE_OPERATION_STORE, VM, 16384))
                .addRequests(request(number, PageOperation.PAGE_OPERATION_DISCARD, VM, 16384))
                .setPages(bytesOf(page).concat(bytesOf(second)))
                .build();
        assertThat(drained(batch)).isEqualTo(expected.toByteArray());
        assertThat(batch.encoded().available()).isEqualTo(expected.getSerializedSize());
    }

    @Test
    void aTracedFetchIsTheBytesThatGeneratedCodeWritesAndIsReadAsSuch() throws IOException {
        OutgoingPageRequests batch = new OutgoingPageRequests();
        batch.tracedFetch(-1, VM, -1, -1, 65536, TRACE);
        batch.fetch(7, VM, 7, 7, 4096);

        PageRequestBatch expected = PageRequestBatch.newBuilder()
                .addRequests(request(-1, PageOperation.PAGE_OPERATION_FETCH, VM, 65536)
                        .setTrace(TraceParents.toMessage(TRACE)))
                .addRequests(request(7, PageOperation.PAGE_OPERATION_FETCH, VM, 4096))
                .build();
        assertThat(drained(batch)).isEqualTo(expected.toByteArray());
        IncomingPageRequests read = requests(drained(batch));
        assertThat(read.trace(0)).isEqualTo(TRACE);
        assertThat(read.trace(1)).isNull();
        assertThat(read.gfn(1)).isEqualTo(7);
    }

    @Test
    void aTraceOfZerosIsNone() throws IOException {
        byte[] message = PageRequestBatch.newBuilder()
                .addRequests(request(7, PageOperation.PAGE_OPERATION_FETCH, VM, 4096)
                        .setTrace(TraceParents.toMessage(TRACE).toBuilder().setSpanId(0)))
                .build()
                .toByteArray();

        assertThat(requests(message).trace(0)).isNull();
    }

    @Test
    void aBatchHasRoomForAsManyTracedFetchesAsForAnyRequests() {
        OutgoingPageRequests batch = new OutgoingPageRequests();
        for (int i = 0; i < PageBatchLimits.DESCRIPTORS_MAX; i++) {
            batch.tracedFetch(-1, VM, -1, -1, 65536, TRACE);
        }

        assertThat(batch.isFull()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 300, -1})
    void repliesAreTheBytesThatGeneratedCodeWrites(long number) throws IOException {
        MemorySegment memory = randomPage(65536);
        OutgoingPageReplies batch = new OutgoingPageReplies();
        batch.reply(number, PageReplyKind.PAGE_REPLY_KIND_ZERO, Tier.TIER_DRAM_VALUE);
        batch.data(number, Tier.TIER_SWAP_STORE_VALUE, CRC, memory, 8192, 4096);
        batch.reply(number, PageReplyKind.PAGE_REPLY_KIND_UNAVAILABLE, 0);

        PageReplyBatch expected = PageReplyBatch.newBuilder()
                .addReplies(PageReply.newBuilder()
                        .setRequestId(number)
                        .setKind(PageReplyKind.PAGE_REPLY_KIND_ZERO)
                        .setTier(Tier.TIER_DRAM))
                .addReplies(
                        dataReply(number, 4096).setTier(Tier.TIER_SWAP_STORE).setCrc32C(CRC))
                .addReplies(
                        PageReply.newBuilder().setRequestId(number).setKind(PageReplyKind.PAGE_REPLY_KIND_UNAVAILABLE))
                .setPages(bytesOf(memory.asSlice(8192, 4096)))
                .build();
        assertThat(drained(batch)).isEqualTo(expected.toByteArray());
    }

    @Test
    void pagesOfEverySizeFollowEachOtherByteByByte() throws IOException {
        MemorySegment memory = randomPage(65536);
        OutgoingPageReplies batch = new OutgoingPageReplies();
        ByteString expected = ByteString.EMPTY;
        int[] sizes = {4096, 65536, 4096, 16384, 4096, 4096, 4096, 4096, 16384, 65536, 4096};
        for (int i = 0; i < sizes.length; i++) {
            long offset = sizes[i] == 65536 ? 0 : i * 4096L;
            batch.data(i, Tier.TIER_DRAM_VALUE, CRC, memory, offset, sizes[i]);
            expected = expected.concat(bytesOf(memory.asSlice(offset, sizes[i])));
        }

        assertThat(PageReplyBatch.parseFrom(drained(batch)).getPages()).isEqualTo(expected);
    }

    @Test
    void aClearedBatchStartsAnew() throws IOException {
        OutgoingPageRequests batch = new OutgoingPageRequests();
        batch.store(1, VM, GFN, 1, CRC, randomPage(4096));
        batch.clear();
        batch.fetch(2, VM, GFN, 2, 4096);

        assertThat(PageRequestBatch.parseFrom(drained(batch)).getRequestsList())
                .extracting(PageRequest::getRequestId)
                .containsExactly(2L);
        assertThat(PageRequestBatch.parseFrom(drained(batch)).getPages()).isEmpty();
    }

    @Test
    void aTransportThatReadsInsteadOfDrainingGetsTheSameBytes() throws IOException {
        OutgoingPageRequests batch = new OutgoingPageRequests();
        batch.store(1, VM, GFN, 1, CRC, randomPage(4096));

        assertThat(batch.encoded().readAllBytes()).isEqualTo(drained(batch));
    }

    @Test
    void aBatchRefusesWhatItHasNoRoomFor() {
        OutgoingPageRequests batch = new OutgoingPageRequests();
        MemorySegment page = randomPage(65536);
        int fits = PageBatchLimits.SENT_BYTES_MAX / 65536;
        for (int i = 0; i < fits; i++) {
            batch.store(i, VM, GFN, i, CRC, page);
        }

        assertThat(batch.hasRoomForPage(4096)).isFalse();
        assertThatThrownBy(() -> batch.store(fits, VM, GFN, fits, CRC, page)).isInstanceOf(IllegalStateException.class);
        assertThat(batch.size()).isEqualTo(fits);
        assertThat(batch.isFull()).isFalse();
    }

    @Test
    void generatedRequestsAreRead() throws IOException {
        MemorySegment page = randomPage(4096);
        MemorySegment second = randomPage(16384);
        byte[] message = PageRequestBatch.newBuilder()
                .addRequests(request(-1, PageOperation.PAGE_OPERATION_FETCH, VM, 65536))
                .addRequests(
                        request(7, PageOperation.PAGE_OPERATION_STORE, VM, 4096).setCrc32C(CRC))
                .addRequests(request(8, PageOperation.PAGE_OPERATION_STORE, 1, 16384))
                .setPages(bytesOf(page).concat(bytesOf(second)))
                .build()
                .toByteArray();

        IncomingPageRequests batch = requests(message);

        assertThat(batch.size()).isEqualTo(3);
        assertThat(batch.requestId(0)).isEqualTo(-1);
        assertThat(batch.operation(0)).isEqualTo(PageOperation.PAGE_OPERATION_FETCH);
        assertThat(batch.vmId(1)).isEqualTo(VM);
        assertThat(batch.gfn(1)).isEqualTo(7);
        assertThat(batch.version(1)).isEqualTo(7);
        assertThat(batch.crc32c(1)).isEqualTo(CRC);
        assertThat(batch.sizeBytes(2)).isEqualTo(16384);
        assertThat(copied(batch, 1)).isEqualTo(bytesOf(page));
        assertThat(copied(batch, 2)).isEqualTo(bytesOf(second));
    }

    @Test
    void generatedRepliesAreReadAndUnwantedPagesSkipped() throws IOException {
        MemorySegment memory = randomPage(65536);
        byte[] message = PageReplyBatch.newBuilder()
                .addReplies(dataReply(1, 4096).setTier(Tier.TIER_DRAM).setCrc32C(CRC))
                .addReplies(PageReply.newBuilder().setRequestId(2).setKindValue(77))
                .addReplies(dataReply(3, 4096))
                .setPages(bytesOf(memory.asSlice(0, 8192)))
                .build()
                .toByteArray();

        IncomingPageReplies batch = replies(message);

        assertThat(batch.tierCode(0)).isEqualTo(Tier.TIER_DRAM_VALUE);
        assertThat(batch.crc32c(0)).isEqualTo(CRC);
        assertThat(batch.kind(1)).isEqualTo(PageReplyKind.UNRECOGNIZED);
        assertThat(copied(batch, 2)).isEqualTo(bytesOf(memory.asSlice(4096, 4096)));
        assertThatThrownBy(() -> copied(batch, 0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void fieldsInAnyOrderAndFieldsOfLaterVersionsAreRead() throws IOException {
        MemorySegment page = randomPage(4096);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.writeUInt64(9, -1);
        out.writeBytes(2, ByteString.copyFromUtf8("the last of several blocks counts"));
        out.writeBytes(2, bytesOf(page));
        out.writeFixed64(10, 1);
        out.writeFixed32(11, 1);
        out.writeString(12, "later");
        out.writeByteArray(1, descriptorWithUnknownFields());
        out.flush();

        IncomingPageRequests batch = requests(bytes.toByteArray());

        assertThat(batch.size()).isEqualTo(1);
        assertThat(batch.requestId(0)).isEqualTo(7);
        assertThat(copied(batch, 0)).isEqualTo(bytesOf(page));
    }

    @Test
    void everyTruncationIsRefused() throws IOException {
        OutgoingPageRequests batch = new OutgoingPageRequests();
        batch.fetch(1, VM, GFN, 1, 4096);
        batch.store(2, VM, GFN, 2, CRC, randomPage(4096));
        byte[] whole = drained(batch);
        int headBytes = whole.length - 4096;

        for (int length = 0; length < whole.length; length += length < headBytes + 2 ? 1 : 511) {
            byte[] cut = Arrays.copyOf(whole, length);
            if (length == onlyTheFetch(whole)) {
                assertThat(requests(cut).size()).isEqualTo(1);
            } else {
                assertRefused(cut, "page batch");
            }
        }
    }

    @Test
    void randomBytesAreRefusedOrReadButNeverBreakTheReader() {
        for (int round = 0; round < 20_000; round++) {
            byte[] noise = new byte[random.nextInt(64)];
            random.nextBytes(noise);
            if (noise.length > 0 && random.nextBoolean()) {
                noise[0] = (byte) PageWire.DESCRIPTOR_TAG;
            }
            try {
                replies(noise).close();
            } catch (StatusRuntimeException e) {
                assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
            }
        }
    }

    @Test
    void overLongBatchesAreRefused() {
        PageRequestBatch.Builder descriptors = PageRequestBatch.newBuilder();
        for (int i = 0; i <= PageBatchLimits.DESCRIPTORS_MAX; i++) {
            descriptors.addRequests(request(i, PageOperation.PAGE_OPERATION_FETCH, VM, 4096));
        }
        PageRequestBatch.Builder pages = PageRequestBatch.newBuilder();
        for (int i = 0; i <= PageBatchLimits.PAGES_MAX; i++) {
            pages.addRequests(request(i, PageOperation.PAGE_OPERATION_STORE, VM, 4096));
        }

        assertRefused(descriptors.build().toByteArray(), "over 1024 descriptors");
        assertRefused(pages.build().toByteArray(), "over 64 pages");
        assertRefused(new byte[0], "no descriptors");
    }

    @Test
    void fieldsOutOfRangeAreRefusedByName() {
        assertRefused(one(request(1, PageOperation.PAGE_OPERATION_UNSPECIFIED, VM, 4096)), "requests[0].operation: 0");
        assertRefused(
                one(request(1, PageOperation.PAGE_OPERATION_FETCH, VM, 4096).setOperationValue(99)), "operation: 99");
        assertRefused(one(request(1, PageOperation.PAGE_OPERATION_FETCH, 0, 4096)), "requests[0].vm_id: 0");
        assertRefused(one(request(1, PageOperation.PAGE_OPERATION_FETCH, -1, 4096)), "vm_id: 18446744073709551615");
        assertRefused(one(request(1, PageOperation.PAGE_OPERATION_FETCH, VM, 4095)), "requests[0].size_bytes: 4095");
        assertRefused(
                one(request(1, PageOperation.PAGE_OPERATION_STORE, VM, 4096)), "0 bytes of pages (expected: 4096");
    }

    private static byte[] one(PageRequest.Builder request) {
        return PageRequestBatch.newBuilder().addRequests(request).build().toByteArray();
    }

    private static void assertRefused(byte[] message, String why) {
        assertThatThrownBy(() -> requests(message)).isInstanceOfSatisfying(StatusRuntimeException.class, e -> {
            assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
            assertThat(e.getStatus().getDescription()).contains(why);
        });
    }

    private static byte[] descriptorWithUnknownFields() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.writeString(30, "later");
        out.writeRawBytes(
                request(7, PageOperation.PAGE_OPERATION_STORE, VM, 4096).build().toByteString());
        out.writeUInt64(31, 5);
        out.flush();
        return bytes.toByteArray();
    }

    /** A message cut right after its first descriptor, a FETCH, is a valid batch. */
    private static int onlyTheFetch(byte[] message) {
        return 2 + message[1];
    }

    private static PageRequest.Builder request(long number, PageOperation operation, long vm, int sizeBytes) {
        return PageRequest.newBuilder()
                .setRequestId(number)
                .setOperation(operation)
                .setVmId(vm)
                .setGfn(number)
                .setVersion(number)
                .setSizeBytes(sizeBytes);
    }

    private static PageReply.Builder dataReply(long number, int sizeBytes) {
        return PageReply.newBuilder()
                .setRequestId(number)
                .setKind(PageReplyKind.PAGE_REPLY_KIND_DATA)
                .setSizeBytes(sizeBytes);
    }

    private static IncomingPageRequests requests(byte[] message) {
        IncomingPageRequests batch = new IncomingPageRequests();
        batch.parse(new ByteArrayInputStream(message));
        return batch;
    }

    private static IncomingPageReplies replies(byte[] message) {
        IncomingPageReplies batch = new IncomingPageReplies();
        batch.parse(new ByteArrayInputStream(message));
        return batch;
    }

    private static byte[] drained(OutgoingPages batch) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (InputStream encoded = batch.encoded()) {
            int length = ((Drainable) encoded).drainTo(bytes);
            assertThat(length).isEqualTo(bytes.size());
        }
        return bytes.toByteArray();
    }

    private static ByteString copied(IncomingPages batch, int i) {
        MemorySegment target = Arena.ofAuto().allocate(batch.sizeBytes(i) + 8L);
        batch.copyPage(i, target, 8);
        return bytesOf(target.asSlice(8));
    }

    private static ByteString bytesOf(MemorySegment memory) {
        return ByteString.copyFrom(memory.toArray(ValueLayout.JAVA_BYTE));
    }

    private MemorySegment randomPage(int bytes) {
        byte[] content = new byte[bytes];
        random.nextBytes(content);
        MemorySegment page = Arena.ofAuto().allocate(bytes);
        MemorySegment.copy(content, 0, page, ValueLayout.JAVA_BYTE, 0, bytes);
        return page;
    }
}
