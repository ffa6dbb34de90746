// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.fuzz;

import io.faultline.pager.app.memory.PageContents;
import io.faultline.pager.app.store.Envelope;
import io.faultline.pager.app.store.PageReads;
import io.faultline.pager.app.store.PageWrites;
import io.faultline.pager.app.store.PlainEnvelope;
import io.faultline.pager.app.store.StoreKey;
import io.faultline.pager.app.store.seal.KeyRing;
import io.faultline.pager.app.store.seal.SealedEnvelope;
import io.faultline.pager.domain.LoadResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * What a swap store gives back, plain and sealed. The plain one must be CORRUPT or hold what its checksum says; of the sealed ones
 * none may be opened that was not sealed here, in this process's life and with its secret key.
 */
final class EnvelopeTarget implements FuzzTarget {
    private static final int PAGE = 4096;

    private final StoreKey key = new StoreKey(1, 0x4_2000, 9);
    private final MemorySegment page = Arena.global().allocate(PAGE);
    private final Envelope plain = new PlainEnvelope();
    private final Envelope sealed = new SealedEnvelope(ring(), false);
    private final byte[] genuine = wrap(sealed, false);

    @Override
    public void read(byte[] bytes) {
        unwrap(plain, bytes);
        LoadResult result = unwrap(sealed, bytes);
        if (result != LoadResult.CORRUPT) {
            throw new IllegalStateException("opened " + bytes.length + " bytes that were never sealed: " + result);
        }
        // A genuine one with some bytes changed: where, and to what.
        byte[] changed = genuine.clone();
        for (int i = 0; i + 2 < bytes.length; i += 3) {
            int at = Math.floorMod(ByteBuffer.wrap(bytes).getShort(i), changed.length);
            changed[at] ^= bytes[i + 2];
        }
        boolean isChanged = !Arrays.equals(changed, genuine);
        if ((unwrap(sealed, changed) == LoadResult.CORRUPT) != isChanged) {
            throw new IllegalStateException("a changed page was opened, or a genuine one was not");
        }
    }

    private LoadResult unwrap(Envelope envelope, byte[] value) {
        PageReads reads = new PageReads(_ -> {});
        reads.add(0, key, page);
        reads.begin();
        envelope.unwrap(ByteBuffer.wrap(value), reads, 0);
        return reads.result(0);
    }

    private byte[] wrap(Envelope envelope, boolean isZero) {
        PageWrites.Put put = new PageWrites.Put(0, key, page, new PageContents().crc32c(page), isZero);
        ByteBuffer value = ByteBuffer.allocate(envelope.sizeOf(put));
        envelope.wrap(put, value);
        return value.array();
    }

    private static KeyRing ring() {
        try {
            Path file = Files.createTempFile(
                    "ring", "", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            try {
                Files.writeString(file, "1 " + Base64.getEncoder().encodeToString(new byte[32]) + "\n");
                return KeyRing.read(file);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /* Sealed ones are no seeds: they are genuine, and are looked at with each input. */
    @Override
    public List<byte[]> seeds() {
        return List.of(wrap(plain, false), wrap(plain, true), new byte[] {0, 5, 1});
    }
}
