// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain.shadow;

import io.faultline.pager.domain.eviction.PageIdentity;

/** Which pages are sampled: a fixed share of all, by a hash of (vm, gfn). Immutable. */
final class Sampling {
    /*
     * A page is always sampled or never, so each of its references is seen, and a cache of a share of the pages behaves
     * on that share of the references as the whole cache does on all. Policies take bits of a page's identity as they
     * are; the hash that samples is another one, so that sampled pages have identities of every kind.
     *
     * The tier keeps a sixty-fourth of its memory free, and twice that when it has just evicted: a shadow has the same
     * share of what is left between these two.
     *
     * Source: Waldspurger, Saemundsson, Ahmad and Park, "Cache Modeling and Optimization using Miniature Simulations",
     * USENIX ATC '17.
     */
    private static final long HASH = 0xD6E8_FEB8_6659_FD93L;
    private static final int HASH_BITS = 32;
    /** One page in 16 at most, whatever a small tier's shadows lose by it: the fetch path comes first. */
    private static final double SHARE_MAX = 1.0 / 16;
    /** But two pages of the largest size. */
    private static final int UNITS_LEAST = 2 * SampledPages.UNITS_MOST;

    private static final double FREE_SHARE = 1.5 / 64;

    private final long below;
    private final int units;

    private Sampling(long below, int units) {
        this.below = below;
        this.units = units;
    }

    /** No page at all. */
    static Sampling none() {
        return new Sampling(0, 0);
    }

    /** As many pages as make shadows of so many units of a tier of so many. */
    static Sampling of(int tierUnits, int shadowUnits) {
        double usedUnits = tierUnits * (1 - FREE_SHARE);
        double share = Math.min(shadowUnits, Math.max(UNITS_LEAST, SHARE_MAX * usedUnits)) / usedUnits;
        return new Sampling((long) (share * (1L << HASH_BITS)), (int) Math.round(share * usedUnits));
    }

    /** Whether a page is sampled. */
    boolean contains(long vmId, long gfn) {
        return (PageIdentity.mix(vmId, gfn) * HASH) >>> HASH_BITS < below;
    }

    /** The share of pages that are sampled, 0 to 1. */
    double share() {
        return (double) below / (1L << HASH_BITS);
    }

    /** The units of 4,096 bytes that a shadow holds. */
    int units() {
        return units;
    }
}
