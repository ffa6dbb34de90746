// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.store;

import org.jspecify.annotations.Nullable;

/**
 * Where pages live below the DRAM tier. A page is named by (vm, gfn, version) and never changes.
 *
 * <p>Any thread may ask; a batch belongs to the store until the store has answered, on threads of its own choosing: at
 * once or in parts, each page exactly once. Writes to a page take effect in the order in which they were asked for, and
 * DropVm after all writes to its VM that were asked for before it and before all that follow; a page is there for reads
 * once its write was answered. An implementation keeps its queues bounded and answers "unavailable" beyond.
 *
 * <p>A write that is answered "not ok" has not taken effect as far as the store can tell. A store over a network cannot
 * always tell: such a write may have taken effect, or still do so. As a name never means another page, that costs room
 * until the VM is dropped, and never shows as a wrong page.
 */
public interface SwapStore extends AutoCloseable {
    /** The name of this kind of store, as a person would configure it. */
    String name();

    /** Reads each page of the batch into its memory and sets each result, then answers once. */
    void read(PageReads reads);

    /** Carries out the writes in their order, then answers once. */
    void write(PageWrites writes);

    /** About how many pages it holds. */
    long pagesEstimate();

    /** Why pages are UNAVAILABLE at this moment, as a sentence for a person; null if the store can be reached. */
    default @Nullable String outage() {
        return null;
    }

    /** Finishes what was asked for, then lets go of everything. Blocks; nothing may be asked afterwards. */
    @Override
    void close();
}
