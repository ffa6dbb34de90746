// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store;

import io.faultline.benchmarks.Measured;
import io.faultline.pager.app.memory.PageContents;
import io.faultline.pager.domain.LoadResult;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Random;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** What a swap store's value costs for each 4 KiB page, beside the store itself: 1,024 pages by turns. */
public class EnvelopeBenchmark extends Measured {
    private static final int PAGES = 1 << 10;
    private static final int PAGE_BYTES = 4_096;
    private static final long VM_ID = 1;

    /** Random bytes, or zeros, which are not kept. */
    @Param({"RANDOM", "ZERO"})
    public Content content;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment target = arena.allocate(PAGE_BYTES, PAGE_BYTES);
    private final PageWrites.Put[] puts = new PageWrites.Put[PAGES];
    private final ByteBuffer[] sealed = new ByteBuffer[PAGES];
    private final ByteBuffer fresh = ByteBuffer.allocateDirect(Envelope.HEAD_BYTES + PAGE_BYTES);
    private final Envelope envelope = new Envelope();
    private final PageReads reads = new PageReads(answered -> {});
    private int next;

    /** What the pages hold. */
    public enum Content {
        /** Random bytes. */
        RANDOM,
        /** Zeros. */
        ZERO
    }

    /** Makes the pages and their envelopes. */
    @Setup
    public void fill() {
        Random random = new Random(1);
        PageContents contents = new PageContents();
        for (int i = 0; i < PAGES; i++) {
            MemorySegment page = arena.allocate(PAGE_BYTES, PAGE_BYTES);
            if (content == Content.RANDOM) {
                byte[] bytes = new byte[PAGE_BYTES];
                random.nextBytes(bytes);
                MemorySegment.copy(bytes, 0, page, ValueLayout.JAVA_BYTE, 0, PAGE_BYTES);
            }
            StoreKey key = new StoreKey(VM_ID, i, 1);
            puts[i] = new PageWrites.Put(i, key, page, contents.crc32c(page), content == Content.ZERO);
            sealed[i] = ByteBuffer.allocateDirect(Envelope.sizeOf(puts[i]));
            Envelope.seal(puts[i], sealed[i]);
        }
        reads.add(0, puts[0].key(), target);
        reads.begin();
    }

    /** Gives the pages back. */
    @TearDown(Level.Trial)
    public void end() {
        arena.close();
    }

    /** A page into its envelope. */
    @Benchmark
    public ByteBuffer seal() {
        fresh.clear();
        Envelope.seal(puts[next++ & (PAGES - 1)], fresh);
        return fresh;
    }

    /** A page out of its envelope, its checksum proven. */
    @Benchmark
    public LoadResult open() {
        ByteBuffer value = sealed[next++ & (PAGES - 1)].rewind();
        envelope.open(value, reads, 0);
        LoadResult result = reads.result(0);
        if (result != LoadResult.DATA && result != LoadResult.ZERO) {
            throw new IllegalStateException("page: " + result + " (expected: DATA or ZERO)");
        }
        return result;
    }
}
