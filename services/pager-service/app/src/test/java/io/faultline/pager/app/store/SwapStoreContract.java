// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.pager.domain.LoadResult;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every swap store does. */
public abstract class SwapStoreContract<S extends SwapStore> extends SealedPagesContract<S> {
    private static final StoreKey KEY = new StoreKey(7, 0x4_2000L, 1);
    private static final int SIZE = 4096;
    private static final int HEAD_BYTES = 10;

    @ParameterizedTest
    @ValueSource(ints = {4096, 16384, 65536})
    void aPageComesBackAsItWasPut(int size) throws Exception {
        MemorySegment page = randomPage(size);
        put(KEY, page);
        MemorySegment target = page(size);

        Outcome outcome = readAll(List.of(KEY), List.of(target)).getFirst();

        assertThat(outcome).isEqualTo(new Outcome(LoadResult.DATA, checksum(page)));
        assertThat(target.mismatch(page)).isEqualTo(-1);
    }

    @Test
    void aPageOfZerosComesBackAsZero() throws Exception {
        put(KEY, page(SIZE));

        assertThat(read(KEY, randomPage(SIZE))).isEqualTo(LoadResult.ZERO);
        assertThat(value(KEY)).hasSize(HEAD_BYTES);
    }

    @Test
    void everyPartOfTheNameCounts() throws Exception {
        put(KEY, randomPage(SIZE));

        assertThat(read(new StoreKey(8, KEY.gfn(), 1), page(SIZE))).isEqualTo(LoadResult.ABSENT);
        assertThat(read(new StoreKey(7, KEY.gfn() + 1, 1), page(SIZE))).isEqualTo(LoadResult.ABSENT);
        assertThat(read(new StoreKey(7, KEY.gfn(), 2), page(SIZE))).isEqualTo(LoadResult.ABSENT);
    }

    @Test
    void aRepeatedPutChangesNothing() throws Exception {
        MemorySegment page = randomPage(SIZE);
        put(KEY, page);
        put(KEY, page);
        MemorySegment target = page(SIZE);

        assertThat(read(KEY, target)).isEqualTo(LoadResult.DATA);
        assertThat(target.mismatch(page)).isEqualTo(-1);
    }

    @Test
    void aDeletedPageIsAbsentAndDeletingAgainIsFine() throws Exception {
        put(KEY, randomPage(SIZE));
        write(new PageWrites.Delete(KEY));
        write(new PageWrites.Delete(KEY));

        assertThat(read(KEY, page(SIZE))).isEqualTo(LoadResult.ABSENT);
    }

    @Test
    void droppingAVmLeavesItsNeighbours() throws Exception {
        long last = -1L;
        StoreKey before = new StoreKey(6, last, last);
        StoreKey after = new StoreKey(8, 0, 0);
        StoreKey end = new StoreKey(7, last, last);
        for (StoreKey key : List.of(before, KEY, end, after)) {
            put(key, randomPage(SIZE));
        }

        write(new PageWrites.DropVm(7, ok -> {}));

        assertThat(results(before, KEY, end, after))
                .containsExactly(LoadResult.DATA, LoadResult.ABSENT, LoadResult.ABSENT, LoadResult.DATA);
    }

    @Test
    void writesTakeEffectInTheirOrder() throws Exception {
        StoreKey second = new StoreKey(7, 1, 1);
        PageWrites.Put put = putOf(KEY, randomPage(SIZE));

        write(put, new PageWrites.DropVm(7, ok -> {}), putOf(second, randomPage(SIZE)));
        assertThat(results(KEY, second)).containsExactly(LoadResult.ABSENT, LoadResult.DATA);
        write(new PageWrites.Delete(KEY), put, new PageWrites.Delete(second));

        assertThat(results(KEY, second)).containsExactly(LoadResult.DATA, LoadResult.ABSENT);
    }

    @Test
    void manyPagesAreReadTogetherEachIntoItsPlace() throws Exception {
        List<StoreKey> keys = new ArrayList<>();
        List<MemorySegment> pages = new ArrayList<>();
        List<MemorySegment> targets = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            keys.add(new StoreKey(7, nextRandom(), 1));
            pages.add(randomPage(SIZE));
            targets.add(page(SIZE));
        }
        for (int i = 0; i < 200; i += 2) {
            put(keys.get(i), pages.get(i));
        }

        List<Outcome> outcomes = readAll(keys, targets);

        for (int i = 0; i < 200; i++) {
            assertThat(outcomes.get(i).result()).isEqualTo(i % 2 == 0 ? LoadResult.DATA : LoadResult.ABSENT);
            assertThat(i % 2 == 1 || targets.get(i).mismatch(pages.get(i)) == -1)
                    .isTrue();
        }
    }

    @Test
    void anyBitThatFlipsIsCorruptNeverAPage() throws Exception {
        put(KEY, randomPage(SIZE));
        byte[] value = value(KEY);
        for (int bit = 0; bit < 8 * value.length; bit += bit < 8 * HEAD_BYTES ? 1 : 1001) {
            byte[] spoilt = value.clone();
            spoilt[bit / 8] ^= (byte) (1 << bit % 8);
            setValue(KEY, spoilt);
            assertThat(read(KEY, page(SIZE))).as("bit %d", bit).isEqualTo(LoadResult.CORRUPT);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 9, 10, 11, 4105, 4107, 70_000})
    void aValueOfAnotherLengthIsCorrupt(int length) throws Exception {
        put(KEY, randomPage(SIZE));
        setValue(KEY, Arrays.copyOf(value(KEY), length));

        assertThat(read(KEY, page(SIZE))).isEqualTo(LoadResult.CORRUPT);
    }

    @Test
    void aPageOfAnotherSizeThanAskedForIsCorrupt() throws Exception {
        put(KEY, randomPage(SIZE));

        assertThat(read(KEY, page(16384))).isEqualTo(LoadResult.CORRUPT);
    }

    @Test
    void itCountsItsPagesAboutRight() throws Exception {
        put(KEY, randomPage(SIZE));

        assertThat(store.pagesEstimate()).isBetween(0L, 1L);
        assertThat(store.name()).isNotBlank();
    }
}
