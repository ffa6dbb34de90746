// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store;

/**
 * Where pages live below the DRAM tier. A page is named by (vm, gfn, version) and never changes.
 *
 * <p>Any thread may ask; a batch belongs to the store until the store has answered, on a thread of its own choosing.
 * Writes take effect in the order in which they were asked for; a page is there for reads once its write was answered.
 * An implementation keeps its queues bounded and answers "unavailable" beyond.
 */
public interface SwapStore extends AutoCloseable {
    /** The name of this kind of store, as a person would configure it. */
    String name();

    /** Reads each page of the batch into its memory and sets each result, then answers once. */
    void read(PageReads reads);

    /** Carries out the writes in their order, all or none, then answers once. */
    void write(PageWrites writes);

    /** About how many pages it holds. */
    long pagesEstimate();

    /** Finishes what was asked for, then lets go of everything. Blocks; nothing may be asked afterwards. */
    @Override
    void close();
}
