// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.workingset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.vcpu.domain.Memslot;
import io.faultline.vcpu.domain.VirtualMachine;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class WorkingSetFormatTest {
    private static final int PAGES_MAX = 1_000;

    @Test
    void whatIsWrittenIsReadAgain() throws IOException {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            long[] gfns = random.longs(random.nextInt(PAGES_MAX), 0, 1L << (1 + random.nextInt(40)))
                    .toArray();

            assertThat(WorkingSetFormat.decode(WorkingSetFormat.encode(12, gfns), 12, PAGES_MAX))
                    .as("seed %d", seed)
                    .isEqualTo(gfns);
        }
    }

    @Test
    void neighboursTakeAByte() {
        byte[] bytes = WorkingSetFormat.encode(12, LongStream.range(0, 1_000).toArray());

        assertThat(bytes).hasSize(10 + 1_000 + 4);
    }

    /* The largest gfn is 2^40-1; the worst that a guest can do is to leap from one end to the other. */
    @Test
    void noWorkingSetIsLargerThanAFileMayBe() throws IOException {
        long[] gfns = LongStream.range(0, VirtualMachine.WORKING_SET_PAGES_MAX)
                .map(i -> i % 2 == 0 ? i : Memslot.GFN_LIMIT - i)
                .toArray();

        byte[] bytes = WorkingSetFormat.encode(12, gfns);

        assertThat(bytes).hasSizeLessThanOrEqualTo(WorkingSetDirectory.BYTES_MAX);
        assertThat(bytes).as("not far below").hasSizeGreaterThan(WorkingSetDirectory.BYTES_MAX * 2 / 3);
        assertThat(WorkingSetFormat.decode(bytes, 12, VirtualMachine.WORKING_SET_PAGES_MAX))
                .isEqualTo(gfns);
    }

    /* A file says how many pages it has: what is made room for is bounded before it is made. */
    @Test
    void aCountThatIsALieIsRefused() {
        for (int count : new int[] {-1, 4, PAGES_MAX + 1, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            byte[] bytes = withCount(WorkingSetFormat.encode(12, new long[] {1, 2, 3}), count);

            assertThatThrownBy(() -> WorkingSetFormat.decode(bytes, 12, PAGES_MAX))
                    .as("count %d", count)
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("pages: ");
        }
        byte[] fewer = withCount(WorkingSetFormat.encode(12, new long[] {1, 2, 3}), 2);
        assertThatThrownBy(() -> WorkingSetFormat.decode(fewer, 12, PAGES_MAX))
                .hasMessage("bytes behind the last page: 1 (expected: 0)");
    }

    @Test
    void bytesOfChanceWithAChecksumAreDecodedOrRefused() {
        for (int seed = 0; seed < 2_000; seed++) {
            Random random = new Random(seed);
            byte[] bytes = WorkingSetFormat.encode(12, random.longs(20).toArray());
            for (int i = 0; i < 5; i++) {
                bytes[random.nextInt(bytes.length - 4)] = (byte) random.nextInt();
            }
            seal(bytes);
            try {
                assertThat(WorkingSetFormat.decode(bytes, 12, PAGES_MAX)).hasSizeLessThanOrEqualTo(PAGES_MAX);
            } catch (IOException refused) {
                assertThat(refused).as("seed %d", seed).hasMessageMatching("(?s).+");
            }
        }
    }

    private static byte[] withCount(byte[] bytes, int count) {
        ByteBuffer.wrap(bytes).putInt(6, count);
        return seal(bytes);
    }

    private static byte[] seal(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, bytes.length - 4);
        ByteBuffer.wrap(bytes).putInt(bytes.length - 4, (int) crc.getValue());
        return bytes;
    }

    @Test
    void theBytesOfVersionOneAreThese() {
        assertThat(WorkingSetFormat.encode(12, new long[] {0x40, 0x41, 0x3F}))
                .startsWith('F', 'L', 'W', 'S', 1, 12, 0, 0, 0, 3, 0x80, 0x01, 0x02, 0x03);
    }

    @Test
    void aByteThatChangedIsNoticed() {
        byte[] bytes = WorkingSetFormat.encode(12, new long[] {1, 2, 3});
        for (int i = 0; i < bytes.length; i++) {
            byte[] spoilt = bytes.clone();
            spoilt[i] ^= 4;

            assertThatThrownBy(() -> WorkingSetFormat.decode(spoilt, 12, PAGES_MAX))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("do not match their checksum");
        }
    }

    @Test
    void whatEndsTooSoonIsRefused() {
        byte[] bytes = WorkingSetFormat.encode(12, new long[] {1, 2, 3});
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);

            assertThatThrownBy(() -> WorkingSetFormat.decode(cut, 12, PAGES_MAX))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void pagesOfAnotherSizeOrTooManyAreRefused() {
        byte[] bytes = WorkingSetFormat.encode(12, new long[] {1, 2, 3});

        assertThatThrownBy(() -> WorkingSetFormat.decode(bytes, 16, PAGES_MAX))
                .hasMessage("page shift: 12 (expected: 16)");
        assertThatThrownBy(() -> WorkingSetFormat.decode(bytes, 12, 2)).hasMessage("pages: 3 (expected: 0 to 2)");
    }
}
