// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.zip.CRC32C;

/** What there is to know about a page's bytes. An instance belongs to one thread. */
public final class PageContents {
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED;

    private final CRC32C crc32c = new CRC32C();

    /** The CRC-32C of the whole segment, which is off-heap. */
    public int crc32c(MemorySegment page) {
        crc32c.reset();
        crc32c.update(page.asByteBuffer());
        return (int) crc32c.getValue();
    }

    /** Whether a page, of at least 8 bytes, holds zeros only. */
    public static boolean isZero(MemorySegment page) {
        return page.get(WORD, 0) == 0 && isSameFilled(page);
    }

    /** Whether a page, of at least 8 bytes, is one word over and over. */
    public static boolean isSameFilled(MemorySegment page) {
        long size = page.byteSize();
        return MemorySegment.mismatch(page, WORD.byteSize(), size, page, 0, size - WORD.byteSize()) == -1;
    }

    /** Fills a page with one word. */
    public static void fill(MemorySegment page, long word) {
        page.set(WORD, 0, word);
        for (long done = WORD.byteSize(); done < page.byteSize(); done *= 2) {
            MemorySegment.copy(page, 0, page, done, done);
        }
    }
}
