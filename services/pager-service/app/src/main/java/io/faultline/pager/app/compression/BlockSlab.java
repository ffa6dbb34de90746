// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.compression;

import io.faultline.pager.app.memory.DramSlab;
import io.faultline.pager.domain.CompressedTier;
import java.lang.foreign.MemorySegment;

/**
 * The compressed tier's off-heap memory, in the domain's blocks. Grown by the loop only; a block's bytes belong to whoever
 * the domain gave its row to.
 */
final class BlockSlab {
    private static final int BLOCKS_A_UNIT = DramSlab.UNIT_BYTES / CompressedTier.BLOCK_BYTES;

    private final DramSlab memory;

    BlockSlab(long bytesMax) {
        memory = new DramSlab(Math.toIntExact(Math.ceilDiv(bytesMax, DramSlab.UNIT_BYTES)));
    }

    /** Takes the memory of a block if that has not been done; on the loop, before any other thread reads or writes it. */
    void prepare(int block) {
        memory.memory(block / BLOCKS_A_UNIT);
    }

    /** Copies the first bytes of a buffer into so many blocks. */
    void scatter(MemorySegment bytes, int length, int[] blocks, int from) {
        int block = from;
        for (int done = 0; done < length; done += CompressedTier.BLOCK_BYTES) {
            int part = Math.min(CompressedTier.BLOCK_BYTES, length - done);
            MemorySegment.copy(bytes, done, memoryOf(blocks[block]), offsetOf(blocks[block]), part);
            block++;
        }
    }

    /** Copies the bytes of a row's blocks together. */
    void gather(CompressedTier tier, int row, MemorySegment target) {
        int length = tier.lengthBytes(row);
        int block = tier.firstBlock(row);
        for (int done = 0; done < length; done += CompressedTier.BLOCK_BYTES) {
            int part = Math.min(CompressedTier.BLOCK_BYTES, length - done);
            MemorySegment.copy(memoryOf(block), offsetOf(block), target, done, part);
            block = tier.nextBlock(block);
        }
    }

    /** Memory taken so far, in bytes. */
    long allocatedBytes() {
        return memory.allocatedBytes();
    }

    private MemorySegment memoryOf(int block) {
        return memory.memory(block / BLOCKS_A_UNIT);
    }

    private static long offsetOf(int block) {
        return DramSlab.offset(block / BLOCKS_A_UNIT) + (long) (block % BLOCKS_A_UNIT) * CompressedTier.BLOCK_BYTES;
    }
}
