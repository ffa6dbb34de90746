// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc.page;

import io.faultline.model.PageSize;

/** The bounds of one batch on the page plane, as the proto comments give them. */
public final class PageBatchLimits {
    /** Descriptors in one batch. */
    public static final int DESCRIPTORS_MAX = 1024;
    /** Pages whose bytes travel in one batch. */
    public static final int PAGES_MAX = 64;
    /**
     * Page bytes that a sender puts in one batch: what gRPC's write buffer takes in one piece. A receiver accepts
     * {@link #PAGES_MAX} pages of any size.
     */
    public static final int SENT_BYTES_MAX = 1 << 20;
    /** The largest message that a receiver must be ready to accept, in bytes. */
    public static final int MESSAGE_BYTES_MAX = PAGES_MAX * PageSize.SIZE_64K.bytes() + (1 << 18);

    private PageBatchLimits() {}
}
