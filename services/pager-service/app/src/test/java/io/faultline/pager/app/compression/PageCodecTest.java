// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.compression;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.model.PageSize;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PageCodecTest {
    private final Random random = new Random(3);

    @ParameterizedTest
    @EnumSource
    void aPageIsTheSameAgain(CodecKind kind) {
        for (PageSize size : PageSize.values()) {
            ByteBuffer page = page(size, 4);
            ByteBuffer again = ByteBuffer.allocateDirect(size.bytes());

            try (PageCodec codec = kind.create()) {
                ByteBuffer deflated = ByteBuffer.allocateDirect(codec.deflatedBytesMax(size.bytes()));
                int length = codec.deflate(page, deflated);

                assertThat(length).isLessThan(size.bytes() / 4 * 3);
                assertThat(codec.inflate(deflated, length, again)).isTrue();
            }

            assertThat(again).isEqualTo(page);
        }
    }

    @ParameterizedTest
    @EnumSource
    void bytesWithoutAPatternDoNotShrink(CodecKind kind) {
        ByteBuffer page = page(PageSize.SIZE_4K, 1);

        try (PageCodec codec = kind.create()) {
            ByteBuffer deflated = ByteBuffer.allocateDirect(codec.deflatedBytesMax(4096));

            assertThat(codec.deflate(page, deflated)).isGreaterThanOrEqualTo(4096);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsNotADeflatedPageIsSaidToBeNone(CodecKind kind) {
        ByteBuffer page = page(PageSize.SIZE_4K, 3);
        ByteBuffer again = ByteBuffer.allocateDirect(4096);

        try (PageCodec codec = kind.create()) {
            ByteBuffer deflated = ByteBuffer.allocateDirect(codec.deflatedBytesMax(4096));
            int length = codec.deflate(page, deflated);
            assertThat(codec.inflate(deflated, length - 1, again)).isFalse();
            for (int i = 0; i < length; i++) {
                deflated.put(i, (byte) 0xFF);
            }

            assertThat(codec.inflate(deflated, length, again)).isFalse();
            assertThat(codec.inflate(deflated, 0, again)).isFalse();
        }
    }

    /** A page in which one in so many words is random. */
    private ByteBuffer page(PageSize size, int oneIn) {
        ByteBuffer page = ByteBuffer.allocateDirect(size.bytes());
        for (int at = 0; at < size.bytes(); at += Long.BYTES) {
            page.putLong(at, at / Long.BYTES % oneIn == 0 ? random.nextLong() : 7);
        }
        return page;
    }
}
