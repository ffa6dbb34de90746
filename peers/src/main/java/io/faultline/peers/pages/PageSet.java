// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.peers.pages;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The pages that every peer has: incompressible, told apart by their first word. Immutable.
 *
 * @param pages how many there are
 */
public record PageSet(int pages) {
    /** The size of each in bytes. */
    public static final int PAGE_BYTES = 4096;

    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final long GOLDEN = 0x9E37_79B9_7F4A_7C15L;

    /** The word that a page begins with. */
    static long stamp(long page) {
        long mixed = (page + 1) * GOLDEN;
        mixed = (mixed ^ (mixed >>> 30)) * 0xBF58_476D_1CE4_E5B9L;
        return mixed ^ (mixed >>> 27);
    }

    /** Writes a page's bytes. */
    public static void fill(long page, MemorySegment target, long offset) {
        long word = stamp(page);
        for (int at = 0; at < PAGE_BYTES; at += Long.BYTES) {
            target.set(WORD, offset + at, word);
            word = word * 0x5851_F42D_4C95_7F2DL + GOLDEN;
        }
    }

    /**
     * Refuses bytes that are not a page's.
     *
     * @throws IllegalStateException saying which page they should have been
     */
    public static void require(long page, MemorySegment frames, long offset) {
        if (frames.get(WORD, offset) != stamp(page)) {
            throw new IllegalStateException("page " + page + " came with another page's bytes");
        }
    }
}
