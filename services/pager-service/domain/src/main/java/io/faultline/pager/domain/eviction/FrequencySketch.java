// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain.eviction;

/**
 * How often a page was used lately, about: a count-min sketch of 4-bit counters that are halved now and then. Two to
 * four bytes a cell.
 */
final class FrequencySketch {
    /*
     * A page has four counters in one block of eight words (a cache line), one in each pair of words; its frequency is
     * the least of them. When the counters have counted sixteen uses for each cell all are halved, so what was popular
     * once is forgotten.
     *
     * Source: Einziger, Friedman and Manes, "TinyLFU: A Highly Efficient Cache Admission Policy", ACM ToS 2017.
     */
    static final int FREQUENCY_MAX = 15;

    private static final int BLOCK_WORDS = 8;
    private static final int ROWS = 4;
    private static final long HALVED = 0x7777_7777_7777_7777L;
    private static final long LOWEST_BITS = 0x1111_1111_1111_1111L;
    private static final int USES_A_CELL = 16;

    private final long[] words;
    private final int blockMask;
    private final int countedMax;
    private int counted;

    FrequencySketch(int cells) {
        int wordsMin = Math.max(BLOCK_WORDS, (cells + 1) / 2);
        words = new long[Integer.highestOneBit(wordsMin)];
        blockMask = words.length / BLOCK_WORDS - 1;
        countedMax = USES_A_CELL * Math.max(cells, BLOCK_WORDS);
    }

    /** A page's frequency, 0 to {@link #FREQUENCY_MAX}. */
    int frequency(long identity) {
        int block = block(identity);
        int frequency = FREQUENCY_MAX;
        for (int row = 0; row < ROWS; row++) {
            int choice = choice(identity, row);
            long word = words[block + 2 * row + (choice & 1)];
            frequency = Math.min(frequency, (int) (word >>> shift(choice)) & FREQUENCY_MAX);
        }
        return frequency;
    }

    /** Counts a use. */
    void count(long identity) {
        int block = block(identity);
        boolean hasCounted = false;
        for (int row = 0; row < ROWS; row++) {
            int choice = choice(identity, row);
            int at = block + 2 * row + (choice & 1);
            int shift = shift(choice);
            if ((words[at] >>> shift & FREQUENCY_MAX) != FREQUENCY_MAX) {
                words[at] += 1L << shift;
                hasCounted = true;
            }
        }
        if (hasCounted && ++counted >= countedMax) {
            halve();
        }
    }

    /** Reads both cache lines that {@link #count} will change words of: the sum means nothing. */
    long touch(long identity) {
        int block = block(identity);
        return words[block] + words[block + BLOCK_WORDS - 1];
    }

    private void halve() {
        int odd = 0;
        for (int i = 0; i < words.length; i++) {
            odd += Long.bitCount(words[i] & LOWEST_BITS);
            words[i] = words[i] >>> 1 & HALVED;
        }
        counted = (counted - odd / ROWS) / 2;
    }

    private int block(long identity) {
        return ((int) identity & blockMask) * BLOCK_WORDS;
    }

    private static int choice(long identity, int row) {
        return (int) (identity >>> (32 + 8 * row));
    }

    private static int shift(int choice) {
        return (choice >>> 1 & 15) << 2;
    }
}
