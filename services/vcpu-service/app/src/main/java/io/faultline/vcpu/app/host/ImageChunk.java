// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.host;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Consecutive pages of a memory image, and what has been found out about each: whether it is zeros, its checksum, and a
 * digest to know it again by. Made on one thread, then handed to the loop.
 */
final class ImageChunk {
    /* 128 bits of SHA-256 behind a secret of the import: whoever fills guest memory cannot make two pages look equal. */
    private static final String DIGEST = "SHA-256";

    private final long firstPage;
    private final int pageBytes;
    private final MemorySegment memory;
    private final boolean[] zeros;
    private final int[] crcs;
    private final long[] digests;
    /** Pages that have not ended yet. */
    int pagesLeft;

    private ImageChunk(long firstPage, byte[] bytes, int pageBytes) {
        this.firstPage = firstPage;
        this.pageBytes = pageBytes;
        memory = MemorySegment.ofArray(bytes);
        int pages = bytes.length / pageBytes;
        zeros = new boolean[pages];
        crcs = new int[pages];
        digests = new long[2 * pages];
        pagesLeft = pages;
    }

    /**
     * Looks at every page.
     *
     * @param firstPage where the chunk begins in the image, in pages
     * @param bytes whole pages; the chunk's from now on
     * @param secret what nobody who could have written the pages knows
     */
    static ImageChunk scan(long firstPage, byte[] bytes, int pageBytes, byte[] secret) {
        ImageChunk chunk = new ImageChunk(firstPage, bytes, pageBytes);
        MessageDigest digest = sha256();
        CRC32C crc = new CRC32C();
        byte[] none = new byte[pageBytes];
        for (int i = 0; i < chunk.pages(); i++) {
            int from = i * pageBytes;
            chunk.zeros[i] = Arrays.equals(bytes, from, from + pageBytes, none, 0, pageBytes);
            if (!chunk.zeros[i]) {
                crc.reset();
                crc.update(bytes, from, pageBytes);
                chunk.crcs[i] = (int) crc.getValue();
                digest.update(secret);
                digest.update(bytes, from, pageBytes);
                MemorySegment hash = MemorySegment.ofArray(digest.digest());
                chunk.digests[2 * i] = hash.get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
                chunk.digests[2 * i + 1] = hash.get(ValueLayout.JAVA_LONG_UNALIGNED, Long.BYTES);
            }
        }
        return chunk;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance(DIGEST);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("no " + DIGEST + " (expected: every JDK has it)", e);
        }
    }

    int pages() {
        return zeros.length;
    }

    /** The page's place in the image, in pages. */
    long page(int i) {
        return firstPage + i;
    }

    boolean contains(long page) {
        return page >= firstPage && page < firstPage + pages();
    }

    boolean isZero(int i) {
        return zeros[i];
    }

    int crc(int i) {
        return crcs[i];
    }

    long digestHigh(int i) {
        return digests[2 * i];
    }

    long digestLow(int i) {
        return digests[2 * i + 1];
    }

    /** The bytes of a page of the image that lies in this chunk. */
    MemorySegment bytesOf(long page) {
        return memory.asSlice((page - firstPage) * pageBytes, pageBytes);
    }

    /** The place in this chunk of a page of the image. */
    int indexOf(long page) {
        return (int) (page - firstPage);
    }
}
