// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import io.faultline.vcpu.domain.prefetch.HintSource;
import java.util.Arrays;

/**
 * The state of every guest page, by dense page index. Owned by the VM's thread.
 */
/*
 * A page is one long (bits 0..2 the state, bit 3 "an earlier fetch failed", bits 4 and 5 "hinted to the tiers", bits 6..63
 * the payload) and the CRC-32C its swapped copy must have: 12 bytes. Chunks of 512 pages are allocated on first write, so
 * that a sparse guest costs what it touches; an absent chunk reads as ZERO, which is code 0. What only resident pages
 * have (accessed, dirty, the version of a clean copy) is kept by frame in FrameTable, where the reclaim's clock walks it
 * in order.
 */
final class Stage2Table {
    private static final int CHUNK_SHIFT = 9;
    private static final int CHUNK_PAGES = 1 << CHUNK_SHIFT;
    private static final int CHUNK_MASK = CHUNK_PAGES - 1;
    private static final int STATE_MASK = 7;
    private static final long FAILED_BEFORE = 8;
    private static final int HINTS_SHIFT = 4;
    private static final long HINTED = 3L << HINTS_SHIFT;
    private static final int PAYLOAD_SHIFT = 6;
    private static final long[] UNTOUCHED = new long[0];
    private static final int[] NO_CRCS = new int[0];

    private long[][] entries = new long[0][];
    private int[][] crcs = new int[0][];

    /** An entry as it is kept, to be put back by {@link #restore}. */
    long entry(int page) {
        long[] chunk = chunk(page);
        return chunk.length == 0 ? 0 : chunk[page & CHUNK_MASK];
    }

    PageState state(int page) {
        return stateOf(entry(page));
    }

    long payload(int page) {
        return payloadOf(entry(page));
    }

    /** Whether an asynchronous fetch of the page has failed and none has succeeded since. */
    boolean hasFailedBefore(int page) {
        return hasFailedBefore(entry(page));
    }

    static PageState stateOf(long entry) {
        return PageState.of((int) entry & STATE_MASK);
    }

    static long payloadOf(long entry) {
        return entry >>> PAYLOAD_SHIFT;
    }

    static boolean hasFailedBefore(long entry) {
        return (entry & FAILED_BEFORE) != 0;
    }

    /** Whether the tiers were told that the page, in the state that it is in, may be wanted soon. */
    static boolean isHinted(long entry) {
        return (entry & HINTED) != 0;
    }

    /** The entry of a page that was not hinted. */
    static long unhinted(long entry) {
        return entry & ~HINTED;
    }

    /** Why that was; only of a page that {@link #isHinted}. */
    static HintSource hintedBy(long entry) {
        return HintSource.of((int) ((entry & HINTED) >>> HINTS_SHIFT));
    }

    /** Remembers that the page was hinted, until its state changes. */
    void markHinted(int page, HintSource by) {
        restore(page, unhinted(entry(page)) | ((long) by.code() << HINTS_SHIFT));
    }

    /** Sets state and payload, 0 to 2^58-1; forgets earlier failures and hints. */
    void set(int page, PageState state, long payload) {
        if (payload >>> (Long.SIZE - PAYLOAD_SHIFT) != 0) {
            throw new IllegalArgumentException("payload: " + payload + " (expected: 0 to 2^58-1)");
        }
        restore(page, (payload << PAYLOAD_SHIFT) | state.code());
    }

    /** Sets the payload, and leaves everything else as it is. */
    void replacePayload(int page, long payload) {
        restore(page, (payload << PAYLOAD_SHIFT) | (entry(page) & ((1L << PAYLOAD_SHIFT) - 1)));
    }

    /** Puts an entry back as {@link #entry} returned it. */
    void restore(int page, long entry) {
        writableChunk(page)[page & CHUNK_MASK] = entry;
    }

    /** Remembers that an asynchronous fetch of the page failed. */
    void markFailed(int page) {
        restore(page, entry(page) | FAILED_BEFORE);
    }

    /** The CRC-32C of the page's swapped copy. */
    int crc(int page) {
        return crcs[page >>> CHUNK_SHIFT][page & CHUNK_MASK];
    }

    void setCrc(int page, int crc) {
        int[] chunk = crcs[page >>> CHUNK_SHIFT];
        if (chunk.length == 0) {
            chunk = new int[CHUNK_PAGES];
            crcs[page >>> CHUNK_SHIFT] = chunk;
        }
        chunk[page & CHUNK_MASK] = crc;
    }

    /** The first page from {@code page} on, at most {@code end}, that may be in another state than ZERO. */
    int nextTouched(int page, int end) {
        int at = page;
        while (at < end && chunk(at).length == 0) {
            at = (at | CHUNK_MASK) + 1;
        }
        return Math.min(at, end);
    }

    private long[] chunk(int page) {
        int index = page >>> CHUNK_SHIFT;
        return index < entries.length ? entries[index] : UNTOUCHED;
    }

    private long[] writableChunk(int page) {
        int index = page >>> CHUNK_SHIFT;
        if (index >= entries.length) {
            grow(index);
        }
        long[] chunk = entries[index];
        if (chunk.length == 0) {
            chunk = new long[CHUNK_PAGES];
            entries[index] = chunk;
        }
        return chunk;
    }

    private void grow(int index) {
        int old = entries.length;
        int length = Math.max(index + 1, old + (old >> 1));
        entries = Arrays.copyOf(entries, length);
        crcs = Arrays.copyOf(crcs, length);
        Arrays.fill(entries, old, length, UNTOUCHED);
        Arrays.fill(crcs, old, length, NO_CRCS);
    }
}
