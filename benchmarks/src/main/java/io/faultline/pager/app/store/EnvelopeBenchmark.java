// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store;

import io.faultline.benchmarks.Measured;
import io.faultline.pager.app.memory.PageContents;
import io.faultline.pager.app.store.seal.KeyRing;
import io.faultline.pager.app.store.seal.SealedEnvelope;
import io.faultline.pager.domain.LoadResult;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
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

    /** Whether the pages are sealed. */
    @Param({"PLAIN", "SEALED"})
    public Kind kind;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment target = arena.allocate(PAGE_BYTES, PAGE_BYTES);
    private final PageWrites.Put[] puts = new PageWrites.Put[PAGES];
    private final ByteBuffer[] values = new ByteBuffer[PAGES];
    private final PageReads reads = new PageReads(answered -> {});
    private Envelope envelope;
    private ByteBuffer fresh;
    private int next;

    /** What the pages hold. */
    public enum Content {
        /** Random bytes. */
        RANDOM,
        /** Zeros. */
        ZERO
    }

    /** How the pages are kept. */
    public enum Kind {
        /** As they are. */
        PLAIN,
        /** Under a VM's key. */
        SEALED
    }

    /** Makes the pages and their values. */
    @Setup
    public void fill() throws IOException {
        envelope = kind == Kind.PLAIN ? new PlainEnvelope() : new SealedEnvelope(ring(), false);
        fresh = ByteBuffer.allocateDirect(envelope.sizeMax(PAGE_BYTES));
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
            values[i] = ByteBuffer.allocateDirect(envelope.sizeOf(puts[i]));
            envelope.wrap(puts[i], values[i]);
            reads.add(i, key, target);
        }
        reads.begin();
    }

    private static KeyRing ring() throws IOException {
        Path file = Files.createTempFile("ring", "");
        try {
            String key = Base64.getEncoder().encodeToString(new byte[32]);
            return KeyRing.read(Files.writeString(file, "1 " + key));
        } finally {
            Files.delete(file);
        }
    }

    /** Gives the pages back. */
    @TearDown(Level.Trial)
    public void end() {
        arena.close();
    }

    /** A page into its value. */
    @Benchmark
    public ByteBuffer wrap() {
        fresh.clear();
        envelope.wrap(puts[next++ & (PAGES - 1)], fresh);
        return fresh;
    }

    /** A page out of its value, its checksum proven. */
    @Benchmark
    public LoadResult unwrap() {
        int page = next++ & (PAGES - 1);
        envelope.unwrap(values[page].rewind(), reads, page);
        LoadResult result = reads.result(page);
        if (result != LoadResult.DATA && result != LoadResult.ZERO) {
            throw new IllegalStateException("page: " + result + " (expected: DATA or ZERO)");
        }
        return result;
    }
}
