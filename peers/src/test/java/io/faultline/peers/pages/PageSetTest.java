// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.peers.pages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class PageSetTest {
    private final byte[] bytes = new byte[2 * PageSet.PAGE_BYTES];
    private final MemorySegment memory = MemorySegment.ofArray(bytes);

    @Test
    void aPageIsKnownByItsBytesWhereverItLies() {
        PageSet.fill(7, memory, PageSet.PAGE_BYTES);

        assertThatCode(() -> PageSet.require(7, memory, PageSet.PAGE_BYTES)).doesNotThrowAnyException();
        assertThatThrownBy(() -> PageSet.require(8, memory, PageSet.PAGE_BYTES))
                .hasMessage("page 8 came with another page's bytes");
    }

    @Test
    void aPageDoesNotCompress() throws IOException {
        PageSet.fill(3, memory, 0);
        ByteArrayOutputStream packed = new ByteArrayOutputStream();

        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(bytes, 0, PageSet.PAGE_BYTES);
        }

        assertThat(packed.size()).isGreaterThan(PageSet.PAGE_BYTES * 95 / 100);
    }
}
