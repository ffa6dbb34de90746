// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.host;

/**
 * The pages of one image that were stored, by their digests: under which name the same bytes are to be had. Bounded: when
 * it is full, pages that come later are not remembered. Owned by one thread.
 */
/* Open addressing over one array, four words a place; a version is never 0, so a 0 there is a free place. */
final class SeenPages {
    /** The most pages that are remembered: 2 GiB of pages of 4 KiB that are all different, in 32 MiB. */
    static final int PAGES_MAX = 1 << 19;

    static final int NOT_SEEN = -1;

    private static final int WORDS = 4;
    private static final int GFN = 2;
    private static final int VERSION = 3;

    private final long[] table;
    private final int sizeMax;
    private int size;

    /** A table for an image of so many pages. */
    SeenPages(long imagePages) {
        sizeMax = (int) Math.min(Math.max(imagePages, 1), PAGES_MAX);
        table = new long[WORDS * Math.min(Integer.highestOneBit(sizeMax) << 2, 2 * PAGES_MAX)];
    }

    /** Where a page of this digest is remembered, or {@link #NOT_SEEN}. */
    int find(long high, long low) {
        int at = placeOf(high, low);
        return table[at + VERSION] == 0 ? NOT_SEEN : at;
    }

    /** The frame number of a remembered page. */
    long gfn(int at) {
        return table[at + GFN];
    }

    /** The version of a remembered page. */
    long version(int at) {
        return table[at + VERSION];
    }

    /** Remembers a page, in place of one with the same digest. */
    void put(long high, long low, long gfn, long version) {
        int at = placeOf(high, low);
        if (table[at + VERSION] == 0) {
            if (size == sizeMax) {
                return;
            }
            size++;
        }
        table[at] = high;
        table[at + 1] = low;
        table[at + GFN] = gfn;
        table[at + VERSION] = version;
    }

    /* Digests are evenly spread already; at most half of the places are taken, so a free one ends each search. */
    private int placeOf(long high, long low) {
        int mask = table.length / WORDS - 1;
        int place = (int) low & mask;
        while (table[WORDS * place + VERSION] != 0
                && (table[WORDS * place] != high || table[WORDS * place + 1] != low)) {
            place = (place + 1) & mask;
        }
        return WORDS * place;
    }
}
