// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class PageCheckTest {
    private static final int PAGE_BYTES = 4096;
    private static final long SEED = 42;
    private static final long GFN = 0x4_2000L;
    private static final int STAMP = Stamp.offset(GFN, PAGE_BYTES);

    private final Stamps stamps = new Stamps(new Stamp(7, SEED), 2);
    private final PageCheck check = new PageCheck(stamps, SEED, true, PAGE_BYTES);

    @Test
    void whatTheLoaderWroteIsRight() {
        assertThat(wrong(loaded())).isNull();
    }

    @Test
    void whatTheGuestWroteLastIsRight() {
        assertThat(wrong(written(loaded()))).isNull();
    }

    @Test
    void aPageThatLacksTheGuestsLastWriteIsWrong() {
        byte[] old = loaded();
        written(old.clone());

        assertThat(wrong(old)).isEqualTo("expected write 2, got the stamp of gfn 0x42000, write 1");
    }

    @Test
    void aForgottenPageIsWrong() {
        loaded();

        assertThat(wrong(new byte[PAGE_BYTES])).isEqualTo("expected write 1, got zeros");
    }

    @Test
    void anotherVmsPageIsWrong() {
        byte[] page = loaded();
        new Stamp(8, SEED).write(GFN, 1, page, STAMP);

        assertThat(wrong(page)).startsWith("expected write 1, got no stamp: ");
    }

    @RepeatedTest(64)
    void aByteThatNobodyWroteIsFoundWhereverItIs(RepetitionInfo repetition) {
        byte[] page = loaded();
        int at = (repetition.getCurrentRepetition() - 1) * (PAGE_BYTES / 64) + repetition.getCurrentRepetition() % 64;
        page[at] ^= 1;

        boolean isInStamp = at >= STAMP && at < STAMP + Stamp.BYTES;
        assertThat(wrong(page)).contains(isInStamp ? "no stamp" : "byte 0x%x: ".formatted(at));
    }

    @Test
    void aPageThatNobodyWroteIsZerosThroughout() {
        PageCheck bare = new PageCheck(stamps, SEED, false, PAGE_BYTES);
        byte[] page = new byte[PAGE_BYTES];
        assertThat(bare.wrong(0, GFN, ByteBuffer.wrap(page))).isNull();

        page[PAGE_BYTES - 1] = 1;

        assertThat(bare.wrong(0, GFN, ByteBuffer.wrap(page)))
                .isEqualTo("byte 0xfff: 0x01 (expected: 0x00), and the stamp is right");
    }

    @Test
    void aPageThatIsBeingAccessedCannotBeChecked() {
        byte[] page = loaded();
        stamps.begin(0, true);

        assertThatThrownBy(() -> wrong(page))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("page 0: accesses in flight (expected: none)");
    }

    private @Nullable String wrong(byte[] page) {
        return check.wrong(0, GFN, ByteBuffer.wrap(page));
    }

    private byte[] loaded() {
        byte[] page = new byte[PAGE_BYTES];
        PageImage.fill(GFN, SEED, page, 0, PAGE_BYTES);
        stamps.load(0, GFN, page, STAMP);
        return page;
    }

    private byte[] written(byte[] page) {
        int counter = stamps.begin(0, true);
        assertThat(stamps.end(0, GFN, counter, ByteBuffer.wrap(page, STAMP, Stamp.BYTES)))
                .isNull();
        System.arraycopy(stamps.toStore(GFN, counter), 0, page, STAMP, Stamp.BYTES);
        return page;
    }
}
