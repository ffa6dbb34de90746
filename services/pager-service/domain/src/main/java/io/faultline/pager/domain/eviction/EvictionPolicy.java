// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain.eviction;

/**
 * Decides which page leaves a full tier. Pages are known by their cells, and compete within pools (one a VM and page size).
 * Implementations allocate nothing but when a pool is opened, and a call's time has a bound that does not depend on what they
 * hold. Owned by the pager's thread.
 */
public interface EvictionPolicy {
    /** What {@link #victim} returns when no page may leave. */
    int NONE = CellLists.NONE;

    /**
     * A pool begins, of which nothing is known. Those that the policy was made with are open; others, below 21,000, must be
     * opened before a page is added, and may be again once no page is left, when they are about other pages.
     */
    void opened(int pool);

    /** Whether the page in a cell was {@link #added} and not {@link #removed}. */
    boolean holds(int cell);

    /** A page was put into a cell of a pool. */
    void added(int cell, int pool);

    /** The page in a cell was used. */
    void used(int cell);

    /**
     * Reads what {@link #used} will change for a page, so that the memory it lies in is waited for beside that of other
     * pages; changes nothing.
     *
     * @param identity the page's, as {@link PageIdentity} gives it
     * @return means nothing; to be kept, so that the reads are made
     */
    default long touch(int cell, long identity) {
        return 0;
    }

    /** The page in a cell of a pool is gone, evicted or not. */
    void removed(int cell, int pool);

    /**
     * The cell whose page should leave the pool; {@link #NONE} if none of a bounded number of candidates may leave now.
     * The caller removes it next.
     */
    int victim(int pool, Evictable evictable);

    /** Says which cells may be emptied just now. */
    @FunctionalInterface
    interface Evictable {
        /** Whether the page in the cell may leave. */
        boolean test(int cell);
    }
}
