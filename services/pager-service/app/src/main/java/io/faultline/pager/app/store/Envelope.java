// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store;

import java.nio.ByteBuffer;

/**
 * How a page is kept: makes the value that a swap store keeps for it, and a page of a value. The first byte of a value
 * is the number of its format. A value that is not exactly what was made for the page is CORRUPT, never a page. Any
 * thread.
 */
public interface Envelope {
    /** The length of a page's value, in bytes. */
    int sizeOf(PageWrites.Put put);

    /** The length of the longest value of a page of so many bytes. */
    int sizeMax(long pageBytes);

    /** Puts a page's value into a big-endian buffer. */
    void wrap(PageWrites.Put put, ByteBuffer target);

    /**
     * Takes the page out of its value, the rest of a big-endian buffer, and sets the result of read {@code i}; the page's
     * memory is not to be used unless that is DATA or ZERO.
     */
    void unwrap(ByteBuffer value, PageReads reads, int i);
}
