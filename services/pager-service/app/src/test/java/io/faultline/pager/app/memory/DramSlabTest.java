// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class DramSlabTest {
    private static final int UNITS_OF_4_MIB = 1024;

    @Test
    void memoryIsTakenWhenACellIsFirstUsed() {
        DramSlab slab = new DramSlab(3 * UNITS_OF_4_MIB);
        assertThat(slab.allocatedBytes()).isZero();

        slab.page(0, 4096).fill((byte) 1);
        slab.page(UNITS_OF_4_MIB - 16, 65536).fill((byte) 2);
        assertThat(slab.allocatedBytes()).isEqualTo(4 << 20);
        slab.page(2 * UNITS_OF_4_MIB, 4096).fill((byte) 3);

        assertThat(slab.allocatedBytes()).isEqualTo(8 << 20);
        assertThat(slab.page(1, 4096).get(ValueLayout.JAVA_BYTE, 0)).isZero();
        assertThat(slab.memory(UNITS_OF_4_MIB - 1).get(ValueLayout.JAVA_BYTE, DramSlab.offset(UNITS_OF_4_MIB - 1)))
                .isEqualTo((byte) 2);
    }

    @Test
    void aCapThatTheJvmWouldNotAllowIsRefused() {
        DramSlab.requireWithinJvm(1 << 20);

        assertThatThrownBy(() -> DramSlab.requireWithinJvm(1L << 60))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(
                        "dram-max-bytes and compressed-max-bytes: 1152921504606846976 (expected: at most ");
    }

    @Test
    void aPageIsZeroOnlyIfEveryByteIs() {
        MemorySegment page = new DramSlab(UNITS_OF_4_MIB).page(3, 4096);
        assertThat(PageContents.isZero(page)).isTrue();

        for (int offset : new int[] {0, 7, 8, 2048, 4088, 4095}) {
            page.set(ValueLayout.JAVA_BYTE, offset, (byte) 1);
            assertThat(PageContents.isZero(page)).as("byte %d", offset).isFalse();
            page.set(ValueLayout.JAVA_BYTE, offset, (byte) 0);
        }
        page.fill((byte) 0x55);
        assertThat(PageContents.isZero(page)).isFalse();
    }
}
