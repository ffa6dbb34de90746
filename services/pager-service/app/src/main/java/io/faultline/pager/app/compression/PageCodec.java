// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.compression;

import java.nio.ByteBuffer;

/** Makes pages shorter, and whole again. All buffers are direct. An instance belongs to one thread. */
interface PageCodec extends AutoCloseable {
    /** The most bytes that a page of so many can become. */
    int deflatedBytesMax(int pageBytes);

    /** Deflates a whole buffer into another from its start, which has room for the worst case; the length. */
    int deflate(ByteBuffer page, ByteBuffer target);

    /**
     * Inflates the first {@code length} bytes of a buffer into a page.
     *
     * @return whether that gave as many bytes as the page has; if not, the page holds anything
     */
    boolean inflate(ByteBuffer deflated, int length, ByteBuffer page);

    /** Lets go of memory outside the heap. */
    @Override
    void close();
}
