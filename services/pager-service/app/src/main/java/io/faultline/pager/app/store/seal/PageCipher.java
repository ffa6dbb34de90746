// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store.seal;

import io.faultline.pager.app.memory.PageContents;
import io.faultline.pager.app.store.PageReads;
import io.faultline.pager.app.store.PageWrites;
import io.faultline.pager.app.store.StoreKey;
import io.faultline.pager.domain.LoadResult;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;

/** Seals and opens pages with AES-256-GCM, as {@link SealedEnvelope} lays them out. Each thread has its own. */
final class PageCipher {
    /** What is there before the sealed bytes. */
    static final int HEAD_BYTES = 30;

    static final int TAG_BYTES = 16;

    private static final byte CODEC_RAW = 0;
    private static final byte CODEC_ZERO = 1;
    private static final int NONCE_OFFSET = HEAD_BYTES - Long.BYTES;
    private static final int ASSOCIATED_BYTES = HEAD_BYTES + StoreKey.BYTES + Integer.BYTES;
    private static final int PAGE_BYTES_MAX = 1 << 16;

    private final PageContents contents = new PageContents();
    private final Cipher cipher = aesGcm();
    private final ByteBuffer associated = ByteBuffer.allocate(ASSOCIATED_BYTES);
    private final byte[] open = new byte[Integer.BYTES + PAGE_BYTES_MAX];
    private final byte[] sealed = new byte[open.length + TAG_BYTES];

    private static Cipher aesGcm() {
        try {
            return Cipher.getInstance("AES/GCM/NoPadding");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM is part of every JDK", e);
        }
    }

    /** Puts a page's value into a buffer. */
    void wrap(PageWrites.Put put, ByteBuffer target, PageKeys.Numbered key) {
        int pageBytes = put.isZero() ? 0 : Math.toIntExact(put.page().byteSize());
        associated
                .clear()
                .put(SealedEnvelope.FORMAT)
                .put(put.isZero() ? CODEC_ZERO : CODEC_RAW)
                .putInt(key.name().masterId())
                .put(key.name().salt().duplicate())
                .putLong(key.nonce());
        target.put(associated.array(), 0, HEAD_BYTES);
        ByteBuffer.wrap(open).putInt(put.crc32c());
        MemorySegment.ofArray(open)
                .asSlice(Integer.BYTES, pageBytes)
                .copyFrom(put.page().asSlice(0, pageBytes));
        try {
            begin(Cipher.ENCRYPT_MODE, key.key(), put.key(), put.page().byteSize());
            int length = cipher.doFinal(open, 0, Integer.BYTES + pageBytes, sealed);
            target.put(sealed, 0, length);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a page cannot be sealed", e);
        }
    }

    /** False when the value is not what was sealed for the page; then the page's memory is not to be used. */
    boolean unwrap(ByteBuffer value, PageReads reads, int i, SecretKey key) {
        MemorySegment page = reads.page(i);
        associated.clear();
        value.get(associated.array(), 0, HEAD_BYTES);
        associated.position(HEAD_BYTES);
        int sealedBytes = value.remaining();
        value.get(sealed, 0, sealedBytes);
        int length;
        try {
            begin(Cipher.DECRYPT_MODE, key, reads.key(i), page.byteSize());
            length = cipher.doFinal(sealed, 0, sealedBytes, open) - Integer.BYTES;
        } catch (AEADBadTagException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a page cannot be opened", e);
        }
        int crc32c = ByteBuffer.wrap(open).getInt();
        boolean isZero = associated.get(1) == CODEC_ZERO;
        if (isZero) {
            page.fill((byte) 0);
        } else {
            page.copyFrom(MemorySegment.ofArray(open).asSlice(Integer.BYTES, length));
        }
        if (contents.crc32c(page) != crc32c) {
            return false;
        }
        reads.setResult(i, isZero ? LoadResult.ZERO : LoadResult.DATA, crc32c);
        return true;
    }

    /* The first bytes of the associated data are there already. */
    private void begin(int mode, SecretKey key, StoreKey name, long pageBytes) throws GeneralSecurityException {
        byte[] nonce = new byte[Integer.BYTES + Long.BYTES];
        ByteBuffer.wrap(nonce).putLong(Integer.BYTES, associated.getLong(NONCE_OFFSET));
        name.putTo(associated);
        associated.putInt(Math.toIntExact(pageBytes));
        cipher.init(mode, key, new GCMParameterSpec(8 * TAG_BYTES, nonce));
        cipher.updateAAD(associated.array());
    }
}
