// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store;

import io.faultline.pager.domain.LoadResult;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Pages that a swap store is asked for together, where their bytes should go, and what came of each. Owned by whoever
 * asks until it is handed to the store, by the store until {@link #answer}, then by the asker again. A store may give a
 * batch back in {@linkplain #part parts}, each page in one of them, so that no page waits for another's sake.
 */
public final class PageReads {
    private final Consumer<PageReads> whenRead;
    private final boolean prefetch;
    private int[] cells = new int[16];
    private StoreKey[] keys = new StoreKey[16];
    private MemorySegment[] pages = new MemorySegment[16];
    private LoadResult[] results = {};
    private int[] checksums = {};
    private int size;

    /** An empty batch; the store calls {@code whenRead} from any thread. */
    public PageReads(Consumer<PageReads> whenRead) {
        this(whenRead, false);
    }

    private PageReads(Consumer<PageReads> whenRead, boolean prefetch) {
        this.whenRead = whenRead;
        this.prefetch = prefetch;
    }

    /** Likewise, of pages that nobody waits for. */
    public static PageReads ofPrefetches(Consumer<PageReads> whenRead) {
        return new PageReads(whenRead, true);
    }

    /** Whether nobody waits for these pages: other batches had better not wait for them either. */
    public boolean isPrefetch() {
        return prefetch;
    }

    /** Adds a page; its size is its memory's. The cell is the asker's own mark. */
    public void add(int cell, StoreKey key, MemorySegment page) {
        if (size == cells.length) {
            cells = Arrays.copyOf(cells, 2 * size);
            keys = Arrays.copyOf(keys, 2 * size);
            pages = Arrays.copyOf(pages, 2 * size);
        }
        cells[size] = cell;
        keys[size] = key;
        pages[size] = page;
        size++;
    }

    /** The number of pages. */
    public int size() {
        return size;
    }

    /** The asker's mark of page {@code i}. */
    public int cell(int i) {
        return cells[i];
    }

    /** The name of page {@code i}. */
    public StoreKey key(int i) {
        return keys[i];
    }

    /** Where the bytes of page {@code i} go; as long as the page should be. */
    public MemorySegment page(int i) {
        return pages[i];
    }

    /** A batch of its own of some of these pages, which is answered to the same asker in place of them. */
    public PageReads part(List<Integer> pages) {
        PageReads part = new PageReads(whenRead, prefetch);
        for (int i : pages) {
            part.add(cells[i], keys[i], this.pages[i]);
        }
        return part;
    }

    /** Starts the store's side: every page is UNAVAILABLE until it is said otherwise. */
    public void begin() {
        results = new LoadResult[size];
        Arrays.fill(results, LoadResult.UNAVAILABLE);
        checksums = new int[size];
    }

    /** What came of page {@code i}; the checksum counts with DATA and ZERO. */
    public void setResult(int i, LoadResult result, int crc32c) {
        results[i] = result;
        checksums[i] = crc32c;
    }

    /** Gives the batch back to whoever asked; exactly once, and not at all if it was cut into parts. */
    public void answer() {
        whenRead.accept(this);
    }

    /** What came of page {@code i}. */
    public LoadResult result(int i) {
        return results[i];
    }

    /** With DATA and ZERO: the checksum of page {@code i}. */
    public int crc32c(int i) {
        return checksums[i];
    }
}
