// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.model.PageSize;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class CellAllocatorTest {
    private static final int CHUNKS = 16;
    private static final List<PageSize> SIZES = List.of(PageSize.values());
    private static final int STEPS = 20_000;

    private final CellAllocator allocator = new CellAllocator((long) CHUNKS * CellAllocator.CHUNK_BYTES);

    @RepeatedTest(5)
    void cellsNeverOverlapAndMemoryComesBack(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        BitSet units = new BitSet();
        List<Integer> cells = new ArrayList<>();

        for (int step = 0; step < STEPS; step++) {
            if (random.nextInt(100) < 52) {
                PageSize size = SIZES.get(random.nextInt(SIZES.size()));
                int available = allocator.available(size);
                int cell = allocator.allocate(size);
                assertThat(cell == CellAllocator.NONE).isEqualTo(available == 0);
                if (cell != CellAllocator.NONE) {
                    int end = cell + CellAllocator.unitsIn(size);
                    assertThat(units.get(cell, end).isEmpty()).isTrue();
                    units.set(cell, end);
                    assertThat(allocator.isUsed(cell)).isTrue();
                    assertThat(allocator.sizeAt(cell)).isEqualTo(size);
                    cells.add(cell);
                }
            } else if (!cells.isEmpty()) {
                int cell = cells.remove(/* index */ random.nextInt(cells.size()));
                units.clear(cell, cell + CellAllocator.unitsIn(allocator.sizeAt(cell)));
                allocator.free(cell);
                assertThat(allocator.isUsed(cell)).isFalse();
            }
        }

        cells.forEach(allocator::free);
        assertThat(allocator.available(PageSize.SIZE_64K)).isEqualTo(CHUNKS);
    }

    @Test
    void aCellIsFreedOnce() {
        int cell = allocator.allocate(PageSize.SIZE_4K);
        allocator.allocate(PageSize.SIZE_4K);
        allocator.free(cell);

        assertThatThrownBy(() -> allocator.free(cell)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void theSizeWithMostChunksDonates() {
        for (int i = 0; i < 8 * 16; i++) {
            allocator.allocate(PageSize.SIZE_4K);
        }
        allocator.allocate(PageSize.SIZE_64K);

        assertThat(allocator.isShortOfChunks(PageSize.SIZE_64K)).isTrue();
        assertThat(allocator.isShortOfChunks(PageSize.SIZE_4K)).isFalse();
        assertThat(allocator.sizeAt(allocator.nextDonation())).isEqualTo(PageSize.SIZE_4K);
        assertThat(allocator.nextDonation()).isNotEqualTo(allocator.nextDonation());
    }
}
