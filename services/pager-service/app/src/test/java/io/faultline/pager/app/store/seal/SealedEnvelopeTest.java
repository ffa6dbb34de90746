// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store.seal;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.pager.app.memory.PageContents;
import io.faultline.pager.app.store.PageReads;
import io.faultline.pager.app.store.PageWrites;
import io.faultline.pager.app.store.StoreKey;
import io.faultline.pager.domain.LoadResult;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a value of a sealed page is made of. What it withstands in a store is in the stores' contract. */
class SealedEnvelopeTest {
    private static final int SIZE = 4096;
    private static final int SIZE_SEALED = SIZE + 50;
    private static final int NONCES = 1_000_000;
    private static final StoreKey KEY = new StoreKey(7, 0x4_2000L, 9);

    @TempDir
    Path directory;

    private final MemorySegment page = Arena.ofAuto().allocate(SIZE);
    private KeyRing ring;
    private SealedEnvelope envelope;

    @BeforeEach
    void makePage() throws Exception {
        byte[] bytes = new byte[SIZE];
        new Random(5).nextBytes(bytes);
        page.copyFrom(MemorySegment.ofArray(bytes));
        ring = KeyRingFile.ringOf(directory, 1);
        envelope = new SealedEnvelope(ring, false);
    }

    @Test
    void noBitOfAValueCanBeFlipped() {
        byte[] value = wrap(envelope, KEY);
        assertThat(value).hasSize(SIZE_SEALED);

        for (int bit = 0; bit < 8 * value.length; bit++) {
            value[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(unwrap(envelope, KEY, value)).as("bit %d", bit).isEqualTo(LoadResult.CORRUPT);
            value[bit / 8] ^= (byte) (1 << bit % 8);
        }
        assertThat(unwrap(envelope, KEY, value)).isEqualTo(LoadResult.DATA);
    }

    @Test
    void noLengthButItsOwnIsAccepted() {
        byte[] value = wrap(envelope, KEY);

        for (int length = 0; length <= 2 * value.length; length++) {
            assertThat(unwrap(envelope, KEY, Arrays.copyOf(value, length)))
                    .as("length %d", length)
                    .isEqualTo(length == value.length ? LoadResult.DATA : LoadResult.CORRUPT);
        }
    }

    @Test
    void noKeyAndNonceAreUsedTwice() {
        Set<ByteBuffer> used = new HashSet<>();
        SealedEnvelope afterARestart = new SealedEnvelope(ring, false);

        for (int i = 0; i < 1000; i++) {
            used.add(keyAndNonce(wrap(envelope, KEY)));
            used.add(keyAndNonce(wrap(afterARestart, KEY)));
        }

        assertThat(used).hasSize(2000);
    }

    @Test
    void manyThreadsNeverGetTheSameNonceOfAKey() {
        PageKeys keys = new PageKeys(ring);

        long distinct = IntStream.range(0, NONCES)
                .parallel()
                .mapToLong(_ -> keys.next(7).nonce())
                .distinct()
                .count();

        assertThat(distinct).isEqualTo(NONCES);
    }

    @Test
    void aVmThatWasForgottenForOthersBeginsWithAnotherSalt() {
        ByteBuffer first = salt(wrap(envelope, KEY));
        for (int vm = 100; vm < 100 + 4096; vm++) {
            wrap(envelope, new StoreKey(vm, 0, 1));
        }

        byte[] second = wrap(envelope, KEY);

        assertThat(salt(second)).isNotEqualTo(first);
        assertThat(unwrap(envelope, KEY, second)).isEqualTo(LoadResult.DATA);
    }

    private static ByteBuffer salt(byte[] value) {
        return ByteBuffer.wrap(value, 6, 16).slice();
    }

    private static ByteBuffer keyAndNonce(byte[] value) {
        return ByteBuffer.wrap(value, 2, 28).slice();
    }

    private byte[] wrap(SealedEnvelope with, StoreKey key) {
        PageWrites.Put put = new PageWrites.Put(0, key, page, new PageContents().crc32c(page), false);
        ByteBuffer value = ByteBuffer.allocate(with.sizeOf(put));
        with.wrap(put, value);
        return value.array();
    }

    private static LoadResult unwrap(SealedEnvelope with, StoreKey key, byte[] value) {
        PageReads reads = new PageReads(answered -> {});
        reads.add(0, key, Arena.ofAuto().allocate(SIZE));
        reads.begin();
        with.unwrap(ByteBuffer.wrap(value), reads, 0);
        return reads.result(0);
    }
}
