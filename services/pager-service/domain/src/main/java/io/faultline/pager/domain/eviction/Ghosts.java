// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain.eviction;

/**
 * The identities of pages that have left, each with a time, as many as there are cells; the earliest are forgotten
 * first. Eight bytes a cell.
 */
final class Ghosts {
    /*
     * A set-associative table: an identity's bucket is eight entries of one cache line, each a fingerprint of 32 bits
     * (never 0) and a time of 32 bits that may wrap. A full bucket forgets its earliest, so on the whole those that are
     * forgotten are old, and nothing needs a list.
     */
    static final long NONE = 0;

    private static final int BUCKET = 8;

    private final long[] entries;
    private final int bucketMask;

    Ghosts(int cells) {
        int buckets = Integer.highestOneBit(Math.max(1, (cells + BUCKET - 1) / BUCKET) * 2 - 1);
        entries = new long[buckets * BUCKET];
        bucketMask = buckets - 1;
    }

    /** The time of an entry. */
    static int time(long entry) {
        return (int) entry;
    }

    /** Takes a page's entry out; {@link #NONE} if it is not known. */
    long remove(long identity) {
        int at = bucket(identity);
        int fingerprint = fingerprint(identity);
        for (int i = at; i < at + BUCKET; i++) {
            long entry = entries[i];
            if ((int) (entry >>> 32) == fingerprint) {
                entries[i] = NONE;
                return entry;
            }
        }
        return NONE;
    }

    /** Remembers a page that has left. */
    void put(long identity, int time) {
        int at = bucket(identity);
        int place = at;
        for (int i = at; i < at + BUCKET; i++) {
            if (entries[i] == NONE) {
                place = i;
                break;
            }
            if (time(entries[i]) - time(entries[place]) < 0) {
                place = i;
            }
        }
        entries[place] = (long) fingerprint(identity) << 32 | (time & 0xFFFF_FFFFL);
    }

    private int bucket(long identity) {
        return ((int) identity & bucketMask) * BUCKET;
    }

    private static int fingerprint(long identity) {
        int high = (int) (identity >>> 32);
        return high == 0 ? 1 : high;
    }
}
