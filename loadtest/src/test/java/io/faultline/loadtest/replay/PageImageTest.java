// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.zip.Deflater;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageImageTest {
    private static final int PAGE_BYTES = 4096;

    @ParameterizedTest
    @ValueSource(longs = {0, 0x4_0000, 0x4_0001})
    void aPageIsAsCompressibleAsACachesValues(long gfn) {
        byte[] page = image(gfn, 1);

        Deflater deflater = new Deflater();
        deflater.setInput(page);
        deflater.finish();
        assertThat(deflater.deflate(new byte[PAGE_BYTES])).isBetween(PAGE_BYTES / 5, PAGE_BYTES / 2);
        deflater.end();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 0x4_0000})
    void pagesAndSeedsDiffer(long gfn) {
        assertThat(image(gfn, 1)).isNotEqualTo(image(gfn + 1, 1)).isNotEqualTo(image(gfn, 2));
        assertThat(image(gfn, 1)).isEqualTo(image(gfn, 1));
    }

    private static byte[] image(long gfn, long seed) {
        byte[] page = new byte[PAGE_BYTES];
        PageImage.fill(gfn, seed, page, 0, PAGE_BYTES);
        return page;
    }
}
