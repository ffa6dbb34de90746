// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.compression;

import io.faultline.pager.domain.CompressedTier;
import io.faultline.pager.domain.Pager;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Pages that are to be deflated together, into which blocks, and how long each became. Owned by the loop until it is handed
 * to the {@link Compressor}, by its thread until it calls back, then by the loop again.
 */
public final class Deflations {
    private final List<Page> pages = new ArrayList<>();
    private int[] blocks = new int[64];
    private int blockCount;

    /** A page of the batch, and what came of it. */
    static final class Page {
        final int cell;
        final int row;
        final MemorySegment bytes;
        final int firstBlock;
        final int blockCount;
        int lengthBytes;
        boolean isSameFilled;
        long word;

        private Page(int cell, int row, MemorySegment bytes, int firstBlock, int blockCount) {
            this.cell = cell;
            this.row = row;
            this.bytes = bytes;
            this.firstBlock = firstBlock;
            this.blockCount = blockCount;
            lengthBytes = Math.toIntExact(bytes.byteSize());
        }

        /** The longest deflation that the page's blocks hold. */
        int roomBytes() {
            return blockCount * CompressedTier.BLOCK_BYTES;
        }
    }

    void add(CompressedTier tier, BlockSlab slab, int cell, int row, MemorySegment bytes) {
        int first = blockCount;
        for (int block = tier.firstBlock(row); block >= 0; block = tier.nextBlock(block)) {
            slab.prepare(block);
            if (blockCount == blocks.length) {
                blocks = Arrays.copyOf(blocks, 2 * blockCount);
            }
            blocks[blockCount++] = block;
        }
        pages.add(new Page(cell, row, bytes, first, blockCount - first));
    }

    /** Tells the pager what came of each page; on the loop. */
    public void tell(Pager pager) {
        for (Page page : pages) {
            if (page.isSameFilled) {
                pager.sameFilled(page.cell, page.row, page.word);
            } else {
                pager.deflated(page.cell, page.row, page.lengthBytes);
            }
        }
    }

    boolean isEmpty() {
        return pages.isEmpty();
    }

    List<Page> pages() {
        return pages;
    }

    /** The blocks of all pages, each from its {@link Page#firstBlock}. */
    int[] blocks() {
        return blocks;
    }
}
