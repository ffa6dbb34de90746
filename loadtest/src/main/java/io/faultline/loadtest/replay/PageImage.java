// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.replay;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What fills the replayed process's pages before the replay: bytes that depend on page and seed, as compressible as
 * small values in a cache are (about three to one). Stateless.
 */
final class PageImage {
    private static final int LINE_BYTES = 64;
    private static final int RANDOM_WORDS_PER_LINE = 2;
    private static final long FILLER = 0x2E2E_2E2E_2E2E_2E2EL;

    private PageImage() {}

    /** Fills one page, whose bytes lie at {@code offset}. */
    static void fill(long gfn, long seed, byte[] target, int offset, int pageBytes) {
        ByteBuffer words = ByteBuffer.wrap(target, offset, pageBytes).order(ByteOrder.LITTLE_ENDIAN);
        long state = Stamp.mix(gfn ^ seed);
        while (words.hasRemaining()) {
            for (int word = 0; word < LINE_BYTES / Long.BYTES; word++) {
                if (word < RANDOM_WORDS_PER_LINE) {
                    state = Stamp.mix(state);
                    words.putLong(state);
                } else {
                    words.putLong(FILLER);
                }
            }
        }
    }
}
