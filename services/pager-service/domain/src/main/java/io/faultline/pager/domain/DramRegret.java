// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import io.faultline.pager.domain.shadow.PolicyChooser;
import io.faultline.pager.domain.shadow.Shadows;

/**
 * Tells the shadows what happens in the DRAM tier, and counts, by VM, what they and the tier itself miss. Owned by the
 * pager's thread.
 */
final class DramRegret {
    /*
     * What counts as a reference, of the pages that are sampled:
     *
     *   - a fetch that DRAM answers: the tier has found the page, shadows may have missed it;
     *   - a page that comes in because a fetch waits for it, from below or by a prefetch that was late: the tier has
     *     missed it. Further fetches that wait for the same page are no more references.
     *
     * A page that is stored, or prefetched in time, comes into the tier under every policy, so all shadows admit it and
     * nobody has missed it; likewise where a hint finds the page in DRAM, which another policy might have had to
     * prefetch. No reference is what the choice of a policy cannot change: a page that is nowhere, a refusal, and a
     * page of zeros that the compressed tier answers by its word.
     */
    private final Shadows shadows;
    private final PolicyChooser chooser;
    private final PageTable table;
    private final CellAllocator allocator;
    private final VmCounters counters;

    DramRegret(Shadows shadows, PolicyChooser chooser, PageTable table, CellAllocator allocator, VmCounters counters) {
        this.shadows = shadows;
        this.chooser = chooser;
        this.table = table;
        this.allocator = allocator;
        this.counters = counters;
    }

    /** The share of pages that are sampled. */
    double share() {
        return shadows.share();
    }

    /** A fetch found a cell's page. */
    void found(int cell) {
        if (isSampled(cell)) {
            fetched(cell, false);
        }
    }

    /** A page has come into a cell: a fetch waited for it, or it was stored or prefetched. */
    void entered(int cell) {
        if (isSampled(cell)) {
            if (table.state(cell) == PageTable.LOADING && !table.isPrefetched(cell)) {
                fetched(cell, true);
            } else {
                admitted(cell);
            }
        }
    }

    /** A hint named a cell's page, which is or will be in DRAM. */
    void hinted(int cell) {
        if (table.state(cell) != PageTable.LOADING && isSampled(cell)) {
            admitted(cell);
        }
    }

    /** A page was discarded, wherever it is. */
    void discarded(long vmId, long gfn, long version) {
        if (shadows.samples(vmId, gfn)) {
            shadows.forgotten(vmId, gfn, version);
        }
    }

    /** A VM is gone. */
    void vmForgotten(long vmId) {
        shadows.vmForgotten(vmId);
    }

    private boolean isSampled(int cell) {
        return shadows.samples(table.vmId(cell), table.gfn(cell));
    }

    private void fetched(int cell, boolean isMiss) {
        long vmId = table.vmId(cell);
        int missed = shadows.fetched(vmId, table.gfn(cell), table.version(cell), allocator.sizeAt(cell));
        counters.of(vmId).sampled.count(isMiss, missed);
        chooser.fetched(missed);
    }

    private void admitted(int cell) {
        shadows.admitted(table.vmId(cell), table.gfn(cell), table.version(cell), allocator.sizeAt(cell));
    }
}
