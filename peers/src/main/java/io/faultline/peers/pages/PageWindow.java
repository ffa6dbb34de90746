// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.peers.pages;

import io.faultline.peers.CpuMeter;
import io.faultline.peers.Sample;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.HdrHistogram.Histogram;

/**
 * A client's side of one window: which page is next, where its bytes go, how long requests took. Slots are the requests that
 * may be under way at once. Owned by the thread that works.
 */
final class PageWindow {
    /** As much memory as a guest's frames: more than the caches hold. */
    private static final int FRAMES = 1 << 14;

    private static final MemorySegment FRAME_MEMORY = Arena.ofAuto().allocate((long) FRAMES * PageSet.PAGE_BYTES);
    private static final double NS_A_US = 1_000;
    private static final double NS_A_S = 1e9;

    private final PageShape shape;
    private final int pages;
    private final SplittableRandom random = new SplittableRandom(1);
    private final Histogram latencyNs = new Histogram(3);
    private final long[] sentNs;
    private final long[][] asked;
    private final int[] missing;
    private final long beginNs = System.nanoTime();
    private final long untilNs;
    private long endNs = beginNs;
    private int frame;
    private int busy;
    private long fetched;

    PageWindow(PageShape shape, PageSet set, long durationNs) {
        this.shape = shape;
        pages = set.pages();
        sentNs = new long[shape.inFlight()];
        asked = new long[shape.inFlight()][shape.pages()];
        missing = new int[shape.inFlight()];
        untilNs = beginNs + durationNs;
    }

    /** Begins a request in a slot: draws its pages. */
    void begin(int slot) {
        for (int i = 0; i < shape.pages(); i++) {
            asked[slot][i] = random.nextInt(pages);
        }
        missing[slot] = shape.pages();
        busy++;
        sentNs[slot] = System.nanoTime();
    }

    /** The page that a slot asks for at a place. */
    long page(int slot, int i) {
        return asked[slot][i];
    }

    /** How many pages a request asks for. */
    int pagesARequest() {
        return shape.pages();
    }

    /** The memory that pages go to. */
    MemorySegment frames() {
        return FRAME_MEMORY;
    }

    /** Where in it the next page goes. */
    long nextFrame() {
        frame = (frame + 1) % FRAMES;
        return (long) frame * PageSet.PAGE_BYTES;
    }

    /**
     * A page of a slot's request lies in its frame. Returns whether that was the last one, and the slot is free.
     *
     * @throws IllegalStateException if the bytes are another page's
     */
    boolean arrived(int slot, int i, long offset) {
        PageSet.require(asked[slot][i], FRAME_MEMORY, offset);
        fetched++;
        if (--missing[slot] > 0) {
            return false;
        }
        endNs = System.nanoTime();
        latencyNs.recordValue(endNs - sentNs[slot]);
        busy--;
        return true;
    }

    /** Whether a free slot should be used again. */
    boolean goesOn() {
        return endNs - untilNs < 0;
    }

    /** Whether no request is under way. */
    boolean isIdle() {
        return busy == 0;
    }

    /** What came of it. */
    Sample sample(CpuMeter cpu) {
        return new Sample(
                fetched / ((endNs - beginNs) / NS_A_S),
                latencyNs.getValueAtPercentile(50) / NS_A_US,
                latencyNs.getValueAtPercentile(99) / NS_A_US,
                cpu.end(fetched, "page"));
    }
}
