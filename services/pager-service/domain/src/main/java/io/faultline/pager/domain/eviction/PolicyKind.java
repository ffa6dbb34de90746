// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain.eviction;

import java.util.Locale;

/** The eviction policies there are. */
public enum PolicyKind {
    /** First in, first out. */
    FIFO,
    /** Least recently used. */
    LRU,
    /** First in, first out, with a second chance for pages that were used. */
    CLOCK,
    /** First in, first out, except for pages used since the hand last passed. */
    SIEVE,
    /** Three queues, of which the first lets go of pages used once. */
    S3_FIFO,
    /** By the distance between a page's last two uses. */
    LIRS,
    /** By recency in a window, by frequency beyond. */
    W_TINYLFU;

    /** Pages that may not leave, which a search passes before it gives up. */
    static final int REFUSALS_MAX = 1024;
    /** Pages that a search spares for their uses before it takes the next one all the same: what bounds its time. */
    static final int PARDONS_MAX = 4096;

    /** The word for it in settings and messages, such as {@code w-tinylfu}. */
    public String setting() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** A policy of this kind for cells 0 to {@code cells - 1} in so many pools. */
    public EvictionPolicy create(int cells, int pools, PageIdentity pages) {
        return switch (this) {
            case FIFO -> new OldestFirstPolicy(cells, pools, false);
            case LRU -> new OldestFirstPolicy(cells, pools, true);
            case CLOCK -> new ClockPolicy(cells, pools);
            case SIEVE -> new SievePolicy(cells, pools);
            case S3_FIFO -> new S3FifoPolicy(cells, pools, pages);
            case LIRS -> new LirsPolicy(cells, pools, pages);
            case W_TINYLFU -> new TinyLfuPolicy(cells, pools, pages);
        };
    }
}
