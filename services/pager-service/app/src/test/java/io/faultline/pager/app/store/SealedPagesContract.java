// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.pager.app.store.seal.KeyRingFile;
import io.faultline.pager.app.store.seal.SealedEnvelope;
import io.faultline.pager.domain.LoadResult;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What sealed pages withstand, in every swap store: one that spoils them, or gives those of another name. */
abstract class SealedPagesContract<S extends SwapStore> extends SwapStoreProbe<S> {
    private static final StoreKey KEY = new StoreKey(7, 0x4_2000L, 1);
    private static final int SIZE = 4096;

    @TempDir
    Path directory;

    /** A store whose values an envelope makes; opened again, it holds what it held before where it can. */
    protected abstract S open(Envelope envelope);

    /** The value kept under a key. */
    protected abstract byte[] value(StoreKey key) throws Exception;

    /** Spoils the value kept under a key. */
    protected abstract void setValue(StoreKey key, byte[] value) throws Exception;

    @BeforeEach
    void startEmpty() throws Exception {
        store = open(new PlainEnvelope());
        assertThat(read(KEY, page(SIZE))).isEqualTo(LoadResult.ABSENT);
    }

    @AfterEach
    void close() {
        end();
    }

    @ParameterizedTest
    @ValueSource(ints = {4096, 16384, 65536})
    void aSealedPageComesBackAndCannotBeReadInTheStore(int size) throws Exception {
        reopen(sealedBy(1));
        MemorySegment page = page(size).fill((byte) 'p');
        put(KEY, page);
        MemorySegment target = page(size);

        assertThat(readAll(List.of(KEY), List.of(target)))
                .containsExactly(new Outcome(LoadResult.DATA, checksum(page)));
        assertThat(target.mismatch(page)).isEqualTo(-1);
        assertThat(new String(value(KEY), StandardCharsets.ISO_8859_1)).doesNotContain("pppp");
    }

    @Test
    void aSealedPageOfZerosComesBackAsZero() throws Exception {
        reopen(sealedBy(1));
        put(KEY, page(SIZE));

        assertThat(read(KEY, randomPage(SIZE))).isEqualTo(LoadResult.ZERO);
    }

    @ParameterizedTest
    @CsvSource({"7, 0x42001, 5, another frame", "7, 0x42000, 4, an older version", "8, 0x42000, 5, another VM"})
    void aSealedPageInAnothersPlaceIsCorrupt(long vmId, String gfn, long version, String what) throws Exception {
        reopen(sealedBy(1));
        StoreKey mine = new StoreKey(7, 0x4_2000L, 5);
        StoreKey other = new StoreKey(vmId, Long.decode(gfn), version);
        put(mine, randomPage(SIZE));
        put(other, randomPage(SIZE));
        byte[] value = value(mine);

        setValue(mine, value(other));
        setValue(other, value);

        requireCorrupt(mine, what);
        requireCorrupt(other, what);
        setValue(mine, value);
        assertThat(read(mine, page(SIZE))).isEqualTo(LoadResult.DATA);
    }

    @Test
    void aSealedPageThatIsSpoiltOrCutIsCorrupt() throws Exception {
        reopen(sealedBy(1));
        put(KEY, randomPage(SIZE));
        byte[] value = value(KEY);

        for (int at = 0; at < value.length; at += at < 40 ? 1 : 101) {
            byte[] spoilt = value.clone();
            spoilt[at] ^= 1;
            setValue(KEY, spoilt);
            requireCorrupt(KEY, "byte " + at);
            setValue(KEY, Arrays.copyOf(value, at));
            requireCorrupt(KEY, "length " + at);
        }
    }

    @Test
    void aRingThatTurnsSealsWithItsNewestKeyAndOpensWithAll() throws Exception {
        reopen(sealedBy(1));
        StoreKey newer = new StoreKey(7, 1, 1);
        put(KEY, randomPage(SIZE));
        byte[] value = value(KEY);

        reopen(sealedBy(2, 1));
        setValue(KEY, value);
        put(newer, randomPage(SIZE));
        byte[] newerValue = value(newer);

        assertThat(results(KEY, newer)).containsExactly(LoadResult.DATA, LoadResult.DATA);
        assertThat(new int[] {value[5], newerValue[5]}).as("the keys' numbers").containsExactly(1, 2);
        reopen(sealedBy(2));
        setValue(KEY, value);
        setValue(newer, newerValue);
        requireCorrupt(KEY, "a key that has left the ring");
        assertThat(read(newer, page(SIZE))).isEqualTo(LoadResult.DATA);
        reopen(new PlainEnvelope());
        setValue(KEY, value);
        requireCorrupt(KEY, "no ring");
    }

    @Test
    void aPageThatIsNotSealedIsCorruptWhereThereAreKeysUnlessThatIsAllowed() throws Exception {
        put(KEY, randomPage(SIZE));
        byte[] value = value(KEY);

        reopen(sealedBy(1));
        setValue(KEY, value);
        requireCorrupt(KEY, "not sealed");

        reopen(new SealedEnvelope(KeyRingFile.ringOf(directory, 1), true));
        setValue(KEY, value);
        assertThat(read(KEY, page(SIZE))).isEqualTo(LoadResult.DATA);
    }

    private Envelope sealedBy(int... keys) throws Exception {
        return new SealedEnvelope(KeyRingFile.ringOf(directory, keys), false);
    }

    private void reopen(Envelope envelope) {
        store.close();
        store = open(envelope);
    }

    /** No result but CORRUPT, and neither the store's bytes nor zeros where the page would be. */
    private void requireCorrupt(StoreKey key, String what) throws Exception {
        MemorySegment before = randomPage(SIZE);
        MemorySegment target = page(SIZE).copyFrom(before);
        assertThat(read(key, target)).as(what).isEqualTo(LoadResult.CORRUPT);
        assertThat(target.mismatch(before)).as(what).isEqualTo(-1);
    }

    final List<LoadResult> results(StoreKey... keys) throws Exception {
        List<MemorySegment> targets = new ArrayList<>();
        for (int i = 0; i < keys.length; i++) {
            targets.add(page(SIZE));
        }
        return readAll(List.of(keys), targets).stream().map(Outcome::result).toList();
    }
}
