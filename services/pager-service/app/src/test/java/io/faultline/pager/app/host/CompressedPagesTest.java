// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.PageSize;
import io.faultline.model.Tier;
import io.faultline.pager.app.compression.CodecKind;
import io.faultline.pager.app.compression.Compressor;
import io.faultline.pager.app.memory.DramSlab;
import io.faultline.pager.app.memory.PageContents;
import io.faultline.pager.app.store.InMemorySwapStore;
import io.faultline.pager.app.store.PlainEnvelope;
import io.faultline.pager.domain.DramPolicy;
import io.faultline.pager.domain.PageAnswer;
import io.faultline.pager.domain.PagerLimits;
import io.faultline.pager.domain.PagerStats;
import io.faultline.pager.domain.eviction.PolicyKind;
import io.faultline.rpc.ServiceLoop;
import io.faultline.rpc.Turn;
import io.faultline.telemetry.trace.TraceQueue;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pages of every kind through DRAM, the compressed tier and the swap store, with their real bytes. */
class CompressedPagesTest {
    private static final long VM = 7;
    private static final int DRAM_BYTES = 4 << 20;

    private final ServiceLoop loop = ServiceLoop.start("host");
    private final Answered answered = new Answered();

    @SuppressWarnings("NullAway.Init") // Set by each test's start.
    private Compressor compressor;

    @SuppressWarnings("NullAway.Init") // Set by each test's start.
    private PagerHost host;

    private void start(CodecKind codec, long compressedBytes) {
        compressor = new Compressor(loop, codec, compressedBytes);
        host = new PagerHost(
                loop,
                new Turn(loop),
                new PagerHost.Below(compressor, new InMemorySwapStore(64 << 20, new PlainEnvelope())),
                answered,
                new PagerHost.Settings(
                        new PagerLimits(DRAM_BYTES, compressedBytes, 64, 64, 64, 64),
                        DramPolicy.fixed(PolicyKind.FIFO),
                        2),
                new Watch(new PagerTimers(), new FetchTraces(TraceQueue.off(), loop::nowNs)));
    }

    @AfterEach
    void close() {
        compressor.close();
        loop.close();
    }

    @ParameterizedTest
    @CsvSource({"LZ4, 4096", "LZ4, 16384", "LZ4, 65536", "ZSTD, 4096", "ZSTD, 16384", "ZSTD, 65536"})
    void everyPageComesBackAsItWas(CodecKind codec, int sizeBytes) throws Exception {
        start(codec, 4 << 20);
        int pages = 2 * DRAM_BYTES / sizeBytes;
        storeAll(pages, sizeBytes);

        fetchAll(pages, sizeBytes);

        assertThat(answered.wrong).isEmpty();
        assertThat(answered.byTier.get(Tier.COMPRESSED)).isGreaterThan(pages / 8);
        assertThat(answered.byTier.get(Tier.SWAP_STORE)).isPositive();
        PagerStats.Compressed compressed = host.stats().pager().compressed();
        assertThat(compressed.demotions().sameFilled()).isPositive();
        assertThat(compressed.demotions().notShrunk()).isPositive();
        assertThat(compressed.inflationsFailed()).isZero();
        assertThat(compressed.pageBytes()).isGreaterThan(2 * compressed.bytes());
    }

    @Test
    void aFullTierStaysWithinItsCap() throws Exception {
        start(CodecKind.LZ4, 256 << 10);
        int pages = 3 * DRAM_BYTES / 4096;
        storeAll(pages, 4096);

        fetchAll(pages, 4096);

        assertThat(answered.wrong).isEmpty();
        assertThat(host.stats().pager().compressed().evictions()).isPositive();
        assertThat(host.stats().pager().compressed().bytes()).isLessThanOrEqualTo(256 << 10);
    }

    @Test
    void aClosedCompressorLetsPagesLeaveUncompressed() throws Exception {
        start(CodecKind.LZ4, 4 << 20);
        compressor.close();
        int pages = 2 * DRAM_BYTES / 4096;

        storeAll(pages, 4096);
        fetchAll(pages, 4096);

        assertThat(answered.wrong).isEmpty();
        assertThat(host.stats().pager().compressed().pages()).isZero();
    }

    private void storeAll(int pages, int sizeBytes) throws Exception {
        for (int page = 0; page < pages; page++) {
            int gfn = page;
            ask(() -> {
                int cell = host.beginStore(0, gfn, VM, gfn, 1, PageSize.ofBytes(sizeBytes));
                MemorySegment memory = host.memory(cell).asSlice(DramSlab.offset(cell), sizeBytes);
                memory.copyFrom(MemorySegment.ofArray(bytes(gfn, sizeBytes)));
                host.endStore(0, gfn, cell, new PageContents().crc32c(memory));
            });
        }
    }

    private void fetchAll(int pages, int sizeBytes) throws Exception {
        for (int page = 0; page < pages; page++) {
            int gfn = page;
            ask(() -> host.fetch(0, gfn, VM, gfn, 1, PageSize.ofBytes(sizeBytes)));
        }
    }

    /** Asks, and waits for the answer and for the pages that leave because of it, so that none leaves in a hurry. */
    private void ask(Runnable request) throws Exception {
        CompletableFuture<Void> done = answered.expect();
        loop.execute(request);
        done.get(10, TimeUnit.SECONDS);
        int tries = 0;
        while (deflationsInFlight() > 0) {
            assertThat(++tries).isLessThan(100_000);
        }
    }

    private int deflationsInFlight() throws Exception {
        CompletableFuture<Integer> inFlight = new CompletableFuture<>();
        loop.execute(
                () -> loop.execute(() -> inFlight.complete(host.stats().pager().deflationsInFlight())));
        return inFlight.get(10, TimeUnit.SECONDS);
    }

    /** Of eight pages one is same-filled, one has no pattern, and the others shrink to about a third. */
    private static byte[] bytes(int gfn, int sizeBytes) {
        Random random = new Random(gfn);
        long[] words = new long[sizeBytes / Long.BYTES];
        for (int i = 0; i < words.length; i++) {
            words[i] = switch (gfn % 8) {
                case 0 -> gfn + 1;
                case 1 -> random.nextLong();
                default -> i % 4 == 0 ? random.nextLong() : 7;
            };
        }
        byte[] bytes = new byte[sizeBytes];
        MemorySegment.ofArray(bytes).copyFrom(MemorySegment.ofArray(words));
        return bytes;
    }

    /** Compares each page that comes with what it should be. */
    private final class Answered implements Answers {
        final List<String> wrong = new ArrayList<>();
        final Map<Tier, Integer> byTier = new EnumMap<>(Tier.class);
        private volatile CompletableFuture<Void> whenAnswered = new CompletableFuture<>();

        CompletableFuture<Void> expect() {
            whenAnswered = new CompletableFuture<>();
            return whenAnswered;
        }

        @Override
        public boolean answerData(int stream, long requestId, Tier tier, int cell) {
            MemorySegment page = host.memory(cell).asSlice(DramSlab.offset(cell), host.sizeBytes(cell));
            byte[] expected = bytes((int) requestId, host.sizeBytes(cell));
            if (!Arrays.equals(page.toArray(ValueLayout.JAVA_BYTE), expected)) {
                wrong.add(requestId + " from " + tier);
            }
            byTier.merge(tier, 1, Integer::sum);
            whenAnswered.complete(null);
            return false;
        }

        @Override
        public void answer(int stream, long requestId, PageAnswer answer, Tier tier) {
            if (answer != PageAnswer.STORED) {
                wrong.add(requestId + " " + answer);
            }
            whenAnswered.complete(null);
        }
    }
}
