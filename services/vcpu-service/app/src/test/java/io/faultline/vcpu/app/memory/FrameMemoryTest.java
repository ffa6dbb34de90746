// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.model.PageSize;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FrameMemoryTest {
    /** Frames in more than one extent, the last of them cut short. */
    private static final int FRAMES = 2 * (1 << (FrameMemory.EXTENT_SHIFT - 12)) + 3;

    @AutoClose
    private final FrameMemory memory = new FrameMemory(FRAMES, PageSize.SIZE_4K);

    @Test
    void aFrameThatWasNeverUsedHoldsZeros() {
        assertThat(memory.isZero(FRAMES - 1)).isTrue();
        assertThat(memory.crc32c(FRAMES - 1)).isEqualTo(crcOf(new byte[4096]));
    }

    @ParameterizedTest
    @EnumSource
    void everyFrameKeepsItsOwnBytes(PageSize size) {
        int frames = 2 * (1 << FrameMemory.EXTENT_SHIFT) / size.bytes() + 1;
        try (FrameMemory sized = new FrameMemory(frames, size)) {
            for (int frame = 0; frame < frames; frame++) {
                sized.page(frame).put(bytes(frame, size.bytes()));
            }

            for (int frame = 0; frame < frames; frame++) {
                byte[] expected = bytes(frame, size.bytes());
                assertThat(sized.page(frame)).isEqualTo(ByteBuffer.wrap(expected));
                assertThat(sized.segment(frame).asSlice(sized.offset(frame), size.bytes()))
                        .matches(page -> page.mismatch(MemorySegment.ofArray(expected)) < 0);
                assertThat(sized.crc32c(frame)).isEqualTo(crcOf(expected));
            }
        }
    }

    @Test
    void oneByteMakesAPageDifferFromZeros() {
        memory.window(3, 4095, 1).put((byte) 1);

        assertThat(memory.isZero(3)).isFalse();
        assertThat(memory.isZero(2)).isTrue();
        assertThat(memory.isZero(4)).isTrue();
    }

    @Test
    void clearingAFrameLeavesItsNeighboursAlone() {
        for (int frame = 10; frame <= 12; frame++) {
            memory.page(frame).put(bytes(frame, 4096));
        }

        memory.clear(11);

        assertThat(memory.isZero(11)).isTrue();
        assertThat(memory.page(10)).isEqualTo(ByteBuffer.wrap(bytes(10, 4096)));
        assertThat(memory.page(12)).isEqualTo(ByteBuffer.wrap(bytes(12, 4096)));
    }

    @Test
    void aWindowIsTheAskedRangeOfItsFrame() {
        memory.page(512).put(bytes(5, 4096));

        assertThat(memory.window(512, 100, 8)).isEqualTo(ByteBuffer.wrap(bytes(5, 4096), 100, 8));
    }

    @Test
    void aWindowMayNotLeaveItsFrame() {
        assertThatThrownBy(() -> memory.window(0, 4090, 8)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> memory.window(0, -1, 8)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> memory.page(FRAMES)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> memory.page(-1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> memory.segment(FRAMES)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> memory.offset(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void memoryWithoutFramesIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new FrameMemory(0, PageSize.SIZE_4K))
                .withMessage("frames: 0 (expected: >= 1)");
    }

    private static byte[] bytes(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static int crcOf(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }
}
