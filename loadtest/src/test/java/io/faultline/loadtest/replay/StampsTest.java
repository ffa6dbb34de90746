// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StampsTest {
    private static final long GFN = 0x4_2000;
    private static final long OTHER_GFN = 0x4_2001;
    private static final byte[] ZEROS = new byte[Stamp.BYTES];

    private final Stamps stamps = new Stamps(new Stamp(1, 42), 4);

    @Test
    void aPageThatWasNeverWrittenReadsAsZeros() {
        assertThat(load(0, GFN, ZEROS)).isNull();
    }

    @Test
    void whatWasStoredLastIsWhatIsExpected() {
        byte[] stored = store(0, GFN, ZEROS);

        assertThat(load(0, GFN, stored)).isNull();
    }

    @Test
    void whatALoaderWroteIsExpected() {
        byte[] page = new byte[4096];
        stamps.load(0, GFN, page, 64);

        assertThat(load(0, GFN, Arrays.copyOfRange(page, 64, 96))).isNull();
    }

    @Test
    void aZeroedPageIsFound() {
        store(0, GFN, ZEROS);

        assertThat(load(0, GFN, ZEROS)).isEqualTo("expected write 1, got zeros");
    }

    @Test
    void anOldPageIsFound() {
        byte[] first = store(0, GFN, ZEROS);
        store(0, GFN, first);

        assertThat(load(0, GFN, first)).isEqualTo("expected write 2, got the stamp of gfn 0x42000, write 1");
    }

    @Test
    void anotherPagesBytesAreFound() {
        store(0, GFN, ZEROS);
        byte[] other = store(1, OTHER_GFN, ZEROS);

        assertThat(load(0, GFN, other)).isEqualTo("expected write 1, got the stamp of gfn 0x42001, write 1");
    }

    @Test
    void anotherVmsBytesAreFound() {
        byte[] other = new byte[Stamp.BYTES];
        new Stamp(2, 42).write(GFN, 1, other, 0);
        store(0, GFN, ZEROS);

        assertThat(load(0, GFN, other)).contains("no stamp");
    }

    @Test
    void aLoadOfAnotherLengthIsFound() {
        assertThat(load(0, GFN, new byte[8])).isEqualTo("expected write 0, got 8 bytes (expected: 32)");
    }

    @RepeatedTest(32)
    void aFlippedBitIsFoundWhereverItIs(RepetitionInfo repetition) {
        byte[] stored = store(0, GFN, ZEROS);
        stored[repetition.getCurrentRepetition() - 1] ^= 0x10;

        assertThat(load(0, GFN, stored)).isNotNull();
    }

    @Test
    void aLoadMustNotSeeItsOwnStore() {
        int counter = stamps.begin(0, true);
        byte[] own = stamps.toStore(GFN, counter);

        assertThat(stamps.end(0, GFN, counter, ByteBuffer.wrap(own))).isNotNull();
    }

    @Test
    void aRepeatedStoreMayFindItsOwnAndWhatItFoundAtFirstIsGone() {
        byte[] before = store(0, GFN, ZEROS);
        int counter = stamps.begin(0, true);
        byte[] own = stamps.toStore(GFN, counter);
        stamps.repeat(0);

        assertThat(stamps.end(0, GFN, counter, ByteBuffer.wrap(own))).isNull();

        assertThat(stamps.wrongAtRest(0, GFN, ByteBuffer.wrap(own))).isNull();
        assertThat(stamps.wrongAtRest(0, GFN, ByteBuffer.wrap(before))).isNotNull();
    }

    @Test
    void aRepeatedStoreThatCrossesAnotherLeavesEitherUntilALoadTells() {
        byte[] before = store(0, GFN, ZEROS);
        int repeated = stamps.begin(0, true);
        stamps.repeat(0);
        int other = stamps.begin(0, true);
        byte[] ofRepeated = stamps.toStore(GFN, repeated);
        byte[] ofOther = stamps.toStore(GFN, other);

        // Carried out unseen, then the other, then again.
        assertThat(stamps.end(0, GFN, other, ByteBuffer.wrap(ofRepeated))).isNull();
        assertThat(stamps.end(0, GFN, repeated, ByteBuffer.wrap(ofOther))).isNull();

        assertThat(stamps.wrongAtRest(0, GFN, ByteBuffer.wrap(ofRepeated))).isNull();
        assertThat(stamps.wrongAtRest(0, GFN, ByteBuffer.wrap(before))).isNotNull();
        assertThat(load(0, GFN, ofRepeated)).isNull();
        assertThat(load(0, GFN, ofOther)).isEqualTo("expected write 2, got the stamp of gfn 0x42000, write 3");
    }

    @Test
    void aStoreThatWasNotCarriedOutIsNotExpected() {
        byte[] first = store(0, GFN, ZEROS);
        stamps.begin(0, true);
        stamps.abort(0);

        assertThat(load(0, GFN, first)).isNull();
    }

    @Test
    void overlappingAccessesMaySeeEachOtherInAnyOrder() {
        int first = stamps.begin(0, true);
        int second = stamps.begin(0, true);

        assertThat(stamps.end(0, GFN, second, ByteBuffer.wrap(ZEROS))).isNull();
        assertThat(stamps.end(0, GFN, first, ByteBuffer.wrap(stamps.toStore(GFN, second))))
                .isNull();

        assertThat(load(0, GFN, stamps.toStore(GFN, second))).isNotNull();
        assertThat(load(0, GFN, stamps.toStore(GFN, first))).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {4096, 16384, 65536})
    void aStampLiesWithinItsPageAtAPlaceThatDependsOnIt(int pageBytes) {
        List<Integer> offsets = new ArrayList<>();
        for (long gfn = GFN; gfn < GFN + 64; gfn++) {
            offsets.add(Stamp.offset(gfn, pageBytes));
        }

        assertThat(offsets).allMatch(offset -> offset % Stamp.BYTES == 0 && offset + Stamp.BYTES <= pageBytes);
        assertThat(offsets.stream().distinct().count()).isGreaterThan(20);
    }

    /** A page that carries accesses out in a random order of its own is never accused. */
    @RepeatedTest(200)
    void anHonestPageIsNeverAccused(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        List<int[]> begun = new ArrayList<>();
        List<int[]> carriedOut = new ArrayList<>();
        int borne = 0;
        for (int step = 0; step < 200; step++) {
            int choice = random.nextInt(3);
            if (choice == 0 && begun.size() + carriedOut.size() < 4) {
                begun.add(new int[] {stamps.begin(0, random.nextBoolean())});
            } else if (choice == 1 && !begun.isEmpty()) {
                int counter = begun.remove(random.nextInt(begun.size()))[0];
                carriedOut.add(new int[] {counter, borne});
                borne = counter == 0 ? borne : counter;
            } else if (choice == 2 && !carriedOut.isEmpty()) {
                int[] access = carriedOut.remove(random.nextInt(carriedOut.size()));
                assertThat(stamps.end(0, GFN, access[0], bytesOf(access[1]))).isNull();
            }
        }
    }

    private ByteBuffer bytesOf(int counter) {
        return ByteBuffer.wrap(counter == 0 ? ZEROS : stamps.toStore(GFN, counter));
    }

    private byte[] store(int page, long gfn, byte[] before) {
        int counter = stamps.begin(page, true);
        assertThat(stamps.end(page, gfn, counter, ByteBuffer.wrap(before))).isNull();
        return stamps.toStore(gfn, counter);
    }

    private @Nullable String load(int page, long gfn, byte[] bytes) {
        return stamps.end(page, gfn, stamps.begin(page, false), ByteBuffer.wrap(bytes));
    }
}
