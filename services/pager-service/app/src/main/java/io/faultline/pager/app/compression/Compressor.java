// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.compression;

import io.faultline.pager.app.memory.PageContents;
import io.faultline.pager.domain.CompressedTier;
import io.faultline.rpc.ServiceLoop;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The compressed tier's bytes. Deflates on a thread of its own, ahead of demand; inflates on the loop, because a guest waits
 * for that and a hop to another thread takes longer. Loop thread only, but for the constructor and {@link #close}.
 */
public final class Compressor implements AutoCloseable {
    /** A batch holds a page at least, and the domain has this many under way at most. */
    private static final int BATCHES_MAX = 256;

    private static final int PAGE_BYTES_MAX = 1 << 16;
    private static final long CLOSE_TIMEOUT_MS = 5_000;
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED;

    private final ServiceLoop loop;
    private final BlockSlab slab;
    private final ThreadPoolExecutor thread;
    /** The thread's own. */
    private final PageCodec deflater;

    private final MemorySegment deflated;
    /** The loop's own. */
    private final PageCodec inflater;

    private final MemorySegment gathered;
    private final ByteBuffer gatheredBytes;
    private final PageContents contents = new PageContents();
    private Deflations next = new Deflations();

    /** A compressor with memory for so many bytes of blocks, taken as it is needed. */
    public Compressor(ServiceLoop loop, CodecKind codec, long bytesMax) {
        this.loop = loop;
        slab = new BlockSlab(bytesMax);
        deflater = codec.create();
        inflater = codec.create();
        deflated = Arena.ofAuto().allocate(deflater.deflatedBytesMax(PAGE_BYTES_MAX));
        gathered = Arena.ofAuto().allocate(PAGE_BYTES_MAX);
        gatheredBytes = gathered.asByteBuffer();
        thread = new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(BATCHES_MAX),
                Thread.ofPlatform().daemon().name("pager-compressor").factory());
    }

    /** Adds a page to those that are deflated together. */
    public void add(CompressedTier tier, int cell, int row, MemorySegment page) {
        next.add(tier, slab, cell, row, page);
    }

    /** Deflates what was added; the callback has the loop {@link Deflations#tell tell} the pager. */
    public void deflate(Consumer<Deflations> whenDone) {
        if (next.isEmpty()) {
            return;
        }
        Deflations batch = next;
        next = new Deflations();
        try {
            thread.execute(() -> {
                batch.pages().forEach(page -> deflate(page, batch.blocks()));
                loop.execute(() -> whenDone.accept(batch));
            });
        } catch (RejectedExecutionException e) {
            // Closed: the pages leave DRAM as if they had not shrunk.
            loop.execute(() -> whenDone.accept(batch));
        }
    }

    private void deflate(Deflations.Page page, int[] blocks) {
        if (PageContents.isSameFilled(page.bytes)) {
            page.isSameFilled = true;
            page.word = page.bytes.get(WORD, 0);
            return;
        }
        page.lengthBytes = deflater.deflate(page.bytes.asByteBuffer(), deflated.asByteBuffer());
        if (page.lengthBytes <= page.roomBytes()) {
            slab.scatter(deflated, page.lengthBytes, blocks, page.firstBlock);
        }
    }

    /** Inflates a row's page, or fills it with its word; whether it is the page that has this checksum. */
    public boolean inflate(CompressedTier tier, int row, MemorySegment page, int crc32c) {
        boolean whole = true;
        if (tier.isSameFilled(row)) {
            PageContents.fill(page, tier.word(row));
        } else {
            slab.gather(tier, row, gathered);
            whole = inflater.inflate(gatheredBytes, tier.lengthBytes(row), page.asByteBuffer());
        }
        return whole && contents.crc32c(page) == crc32c;
    }

    /** Memory taken so far, in bytes. */
    public long allocatedBytes() {
        return slab.allocatedBytes();
    }

    /** Ends the thread once it has done what it was given. Blocks. */
    @Override
    public void close() {
        thread.shutdown();
        try {
            if (thread.awaitTermination(CLOSE_TIMEOUT_MS, TimeUnit.MILLISECONDS)) {
                deflater.close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
