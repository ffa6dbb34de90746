// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain.shadow;

import io.faultline.model.PageSize;
import io.faultline.pager.domain.eviction.PolicyKind;
import java.util.List;

/**
 * A miniature of the DRAM tier for each policy: they see what happens to a sample of the pages, and tell which of them
 * would have missed a fetch. Bounded, and nothing is allocated after construction. Owned by the pager's thread.
 */
public final class Shadows {
    /*
     * A sampled page's reference costs one look-up, then a use or a replacement in each of the seven shadows; a page
     * that is not sampled costs its hash.
     *
     * Pages are known by their whole names, as in the tier: a new version is another page, though policies remember
     * both by the same identity.
     */
    /** The shadows' policies, in the order of their numbers. */
    static final List<PolicyKind> KINDS = List.of(PolicyKind.values());

    private static final int ALL = (1 << KINDS.size()) - 1;

    private final Sampling sampling;
    private final SampledPages pages;
    private final ShadowCache[] caches = new ShadowCache[KINDS.size()];

    /**
     * Shadows of a DRAM tier.
     *
     * @param tierUnits the tier's units of 4,096 bytes
     * @param shadowUnits the units that each shadow should hold, at least 32; 0 for no shadows. Fewer, but 32, where the tier
     *     is so small that they would be more than a sixteenth of it
     */
    public Shadows(int tierUnits, int shadowUnits) {
        sampling = shadowUnits == 0 ? Sampling.none() : Sampling.of(tierUnits, shadowUnits);
        pages = new SampledPages(sampling.units() * KINDS.size(), KINDS.size());
        for (int shadow = 0; shadow < caches.length; shadow++) {
            caches[shadow] = new ShadowCache(KINDS.get(shadow), sampling.units(), pages);
        }
    }

    /** Whether the shadows see a page. They may be told of such a page only. */
    public boolean samples(long vmId, long gfn) {
        return sampling.contains(vmId, gfn);
    }

    /** The share of pages that the shadows see, 0 to 1. */
    public double share() {
        return sampling.share();
    }

    /** The units of 4,096 bytes that each shadow holds. */
    public int units() {
        return sampling.units();
    }

    /** A page was fetched; the policies that would have missed it, {@link #bit a bit} each. Now all keep it. */
    public int fetched(long vmId, long gfn, long version, PageSize size) {
        int row = pages.find(vmId, gfn, version);
        int holders = row == SampledPages.NONE ? 0 : pages.holders(row);
        for (int shadow = 0; shadow < caches.length; shadow++) {
            if ((holders >>> shadow & 1) != 0) {
                caches[shadow].used(pages.cell(row, shadow));
            }
        }
        return admitTo(row, ~holders & ALL, vmId, gfn, version, size);
    }

    /** A page came into the tier that nobody waited for: it was stored, or prefetched. Now all keep it. */
    public void admitted(long vmId, long gfn, long version, PageSize size) {
        int row = pages.find(vmId, gfn, version);
        int holders = row == SampledPages.NONE ? 0 : pages.holders(row);
        admitTo(row, ~holders & ALL, vmId, gfn, version, size);
    }

    private int admitTo(int found, int missing, long vmId, long gfn, long version, PageSize size) {
        int row = found;
        for (int left = missing; left != 0; left &= left - 1) {
            int shadow = Integer.numberOfTrailingZeros(left);
            makeRoom(shadow, SampledPages.pool(size));
            if (row == SampledPages.NONE) {
                row = pages.open(vmId, gfn, version, size);
            }
            pages.enter(row, shadow, caches[shadow].add(row, pages.pool(row)));
        }
        return missing;
    }

    private void makeRoom(int shadow, int pool) {
        ShadowCache cache = caches[shadow];
        while (!cache.hasRoom(pool)) {
            leave(cache.row(cache.victim(pool)), shadow);
        }
    }

    private void leave(int row, int shadow) {
        caches[shadow].remove(pages.cell(row, shadow), pages.pool(row));
        pages.leave(row, shadow);
    }

    /** A page is not needed any more. */
    public void forgotten(long vmId, long gfn, long version) {
        int row = pages.find(vmId, gfn, version);
        if (row != SampledPages.NONE) {
            forget(row);
        }
    }

    /** No page of a VM is needed any more. Walks over all rows. */
    public void vmForgotten(long vmId) {
        for (int row = 0; row < pages.rows(); row++) {
            if (pages.holders(row) != 0 && pages.vmId(row) == vmId) {
                forget(row);
            }
        }
    }

    private void forget(int row) {
        for (int holders = pages.holders(row); holders != 0; holders &= holders - 1) {
            leave(row, Integer.numberOfTrailingZeros(holders));
        }
    }

    /** A policy's bit in what {@link #fetched} returns. */
    public static int bit(PolicyKind kind) {
        return 1 << KINDS.indexOf(kind);
    }
}
