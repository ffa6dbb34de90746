// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

/**
 * Deals the compressed tier's memory out in blocks of 512 bytes. What belongs together is a chain of them, wherever they
 * lie. Owned by the pager's thread.
 */
final class BlockChains {
    /*
     * Deflated pages have any length. In chains of small blocks they waste half a block each on the average and fit
     * wherever as many are free, so the tier can let its oldest page go whatever lengths come and leave: with size
     * classes it would have to move memory between classes, and evict by class. The price is that a page's bytes are
     * put together again before they are inflated. Four bytes of bookkeeping a block.
     */
    static final int BLOCK_BYTES = 512;
    static final int NONE = -1;

    private final int[] next;
    private int firstFree;
    private int free;

    BlockChains(int blocks) {
        next = new int[blocks];
        for (int block = 0; block < blocks; block++) {
            next[block] = block + 1 < blocks ? block + 1 : NONE;
        }
        firstFree = blocks == 0 ? NONE : 0;
        free = blocks;
    }

    /** The blocks that so many bytes take. */
    static int blocksFor(int bytes) {
        return Math.ceilDiv(bytes, BLOCK_BYTES);
    }

    /** All blocks, used or not. */
    int count() {
        return next.length;
    }

    int free() {
        return free;
    }

    /** The block after another in its chain; {@link #NONE} after the last. */
    int next(int block) {
        return next[block];
    }

    /** A chain of so many blocks, at least 1, which must be free. */
    int take(int count) {
        int first = firstFree;
        int last = step(first, count - 1);
        firstFree = next[last];
        next[last] = NONE;
        free -= count;
        return first;
    }

    /** Gives a chain back but for so many of its first blocks, at least 1. */
    void trim(int first, int keep) {
        int last = step(first, keep - 1);
        int rest = next[last];
        next[last] = NONE;
        if (rest != NONE) {
            give(rest);
        }
    }

    /** Gives a whole chain back. */
    void give(int first) {
        int last = first;
        free++;
        while (next[last] != NONE) {
            last = next[last];
            free++;
        }
        next[last] = firstFree;
        firstFree = first;
    }

    private int step(int block, int steps) {
        int at = block;
        for (int i = 0; i < steps; i++) {
            at = next[at];
        }
        return at;
    }
}
