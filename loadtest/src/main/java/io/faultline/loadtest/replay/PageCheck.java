// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.replay;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What every byte of a page must be once no access to it is in flight. One thread. */
final class PageCheck {
    private final Stamps stamps;
    private final long seed;
    private final boolean isPopulated;
    private final byte[] expected;

    /**
     * A check of pages of one size.
     *
     * @param seed what the pages' first contents were made from
     * @param isPopulated whether they had first contents, or were zeros until they were written
     */
    PageCheck(Stamps stamps, long seed, boolean isPopulated, int pageBytes) {
        this.stamps = stamps;
        this.seed = seed;
        this.isPopulated = isPopulated;
        expected = new byte[pageBytes];
    }

    /**
     * Compares a whole page with what its guest and its loader last wrote.
     *
     * @return null when every byte is right; else what is wrong, in words
     */
    @Nullable
    String wrong(int page, long gfn, ByteBuffer bytes) {
        int stampOffset = Stamp.offset(gfn, expected.length);
        String wrongStamp = stamps.wrongAtRest(page, gfn, bytes.slice(stampOffset, Stamp.BYTES));
        if (wrongStamp != null) {
            return wrongStamp;
        }
        if (isPopulated) {
            PageImage.fill(gfn, seed, expected, 0, expected.length);
        } else {
            Arrays.fill(expected, (byte) 0);
        }
        bytes.get(bytes.position() + stampOffset, expected, stampOffset, Stamp.BYTES);
        int at = ByteBuffer.wrap(expected).mismatch(bytes);
        return at < 0
                ? null
                : "byte 0x%x: 0x%02x (expected: 0x%02x), and the stamp is right"
                        .formatted(at, bytes.get(bytes.position() + at), expected[at]);
    }
}
