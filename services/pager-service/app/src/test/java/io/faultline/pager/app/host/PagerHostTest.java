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
import io.faultline.pager.app.store.PageReads;
import io.faultline.pager.app.store.PageWrites;
import io.faultline.pager.app.store.SwapStore;
import io.faultline.pager.domain.DramPolicy;
import io.faultline.pager.domain.PageAnswer;
import io.faultline.pager.domain.PagerLimits;
import io.faultline.pager.domain.eviction.PolicyKind;
import io.faultline.rpc.ServiceLoop;
import io.faultline.rpc.Turn;
import io.faultline.telemetry.trace.TraceQueue;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PagerHostTest {
    private static final long VM = 7;
    private static final int CRC_OF_ZEROS = crcOfZeros();

    private final ServiceLoop loop = ServiceLoop.start("host");
    private final ManualStore store = new ManualStore();
    private final Compressor compressor = new Compressor(loop, CodecKind.LZ4, 1 << 20);
    private final RecordingAnswers answers = new RecordingAnswers();
    private final PagerHost host = new PagerHost(
            loop,
            new Turn(loop),
            new PagerHost.Below(compressor, store),
            answers,
            new PagerHost.Settings(
                    new PagerLimits(1 << 20, 1 << 20, 64, 64, 64, 64), DramPolicy.fixed(PolicyKind.LRU), 2),
            new Watch(new PagerTimers(), new FetchTraces(TraceQueue.off(), loop::nowNs)));

    @AfterEach
    void close() {
        compressor.close();
        loop.close();
    }

    @Test
    void whatOneTurnAsksGoesToTheStoreTogether() throws Exception {
        onLoop(() -> {
            fetch(1, 10);
            fetch(2, 11);
            store(3, 12);
            store(4, 13);
        });

        assertThat(store.reads).extracting(PageReads::size).containsExactly(2);
        assertThat(store.writes).extracting(writes -> writes.all().size()).containsExactly(2);
    }

    @Test
    void aStoreThatFailsIsUnavailable() throws Exception {
        onLoop(() -> store(1, 10));

        store.writes.getFirst().answer(false);
        onLoop(() -> {});

        assertThat(answers.lines).containsExactly("1 UNAVAILABLE");
        assertThat(host.stats().pager().dram().pages()).isZero();
    }

    @Test
    void discardsBeyondTheBoundAreDroppedAndCounted() throws Exception {
        onLoop(() -> {
            for (int gfn = 0; gfn < 5; gfn++) {
                host.discard(VM, gfn, 1);
            }
        });
        store.writes.getFirst().answer(true);
        onLoop(() -> host.discard(VM, 9, 1));

        assertThat(store.writes).extracting(writes -> writes.all().size()).containsExactly(2, 1);
        assertThat(host.stats().deletesDropped()).isEqualTo(3);
    }

    @Test
    void everyoneWhoDropsAVmHearsOfItOnce() throws Exception {
        List<String> dropped = new ArrayList<>();
        onLoop(() -> {
            host.dropVm(VM, (pages, ok) -> dropped.add("first " + pages + " " + ok));
            host.dropVm(VM, (pages, ok) -> dropped.add("second " + pages + " " + ok));
        });
        store.writes.getFirst().answer(false);
        onLoop(() -> {});

        assertThat(dropped).containsExactly("first 0 false", "second 0 false");
    }

    @Test
    void drainingWaitsForTheStoresInFlight() throws Exception {
        CompletableFuture<String> drained = new CompletableFuture<>();
        onLoop(() -> {
            store(1, 10);
            host.drain(() -> drained.complete("drained"));
        });
        assertThat(drained).isNotDone();

        store.writes.getFirst().answer(true);

        assertThat(drained.get(10, TimeUnit.SECONDS)).isEqualTo("drained");
        assertThat(answers.lines).containsExactly("1 STORED");
    }

    private void fetch(long requestId, long gfn) {
        host.fetch(0, requestId, VM, gfn, 1, PageSize.SIZE_4K);
    }

    private void store(long requestId, long gfn) {
        int cell = host.beginStore(0, requestId, VM, gfn, 1, PageSize.SIZE_4K);
        host.memory(cell).asSlice(DramSlab.offset(cell), 4096).fill((byte) 0);
        host.endStore(0, requestId, cell, CRC_OF_ZEROS);
    }

    /** Runs a turn, and what it leaves for its end. */
    private void onLoop(Runnable turn) throws Exception {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        loop.execute(turn);
        loop.execute(() -> loop.execute(() -> loop.execute(() -> done.complete(true))));
        assertThat(done.get(10, TimeUnit.SECONDS)).isTrue();
    }

    private static int crcOfZeros() {
        return new PageContents().crc32c(MemorySegment.ofBuffer(ByteBuffer.allocateDirect(4096)));
    }

    /** Keeps what it is asked for until the test answers. */
    private static final class ManualStore implements SwapStore {
        final List<PageReads> reads = new ArrayList<>();
        final List<PageWrites> writes = new ArrayList<>();

        @Override
        public String name() {
            return "manual";
        }

        @Override
        public void read(PageReads asked) {
            reads.add(asked);
        }

        @Override
        public void write(PageWrites asked) {
            writes.add(asked);
        }

        @Override
        public long pagesEstimate() {
            return 0;
        }

        @Override
        public void close() {}
    }

    private static final class RecordingAnswers implements Answers {
        final List<String> lines = new ArrayList<>();

        @Override
        public boolean answerData(int stream, long requestId, Tier tier, int cell) {
            lines.add(requestId + " DATA");
            return false;
        }

        @Override
        public void answer(int stream, long requestId, PageAnswer answer, Tier tier) {
            lines.add(requestId + " " + answer);
        }
    }
}
