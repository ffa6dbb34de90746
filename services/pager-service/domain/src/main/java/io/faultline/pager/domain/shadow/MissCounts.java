// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain.shadow;

import io.faultline.pager.domain.eviction.PolicyKind;
import java.util.EnumMap;
import java.util.Map;

/**
 * How often fetches of sampled pages missed the DRAM tier, and would have missed it under each policy. Owned by the
 * pager's thread.
 */
public final class MissCounts {
    private final long[] shadowMisses = new long[Shadows.KINDS.size()];
    private long fetches;
    private long misses;

    /** No fetches yet. */
    public MissCounts() {}

    /** A fetch of a sampled page, which missed the tier or not, and these {@link Shadows#fetched shadows}. */
    public void count(boolean isMiss, int shadowMask) {
        fetches++;
        misses += isMiss ? 1 : 0;
        for (int kind = 0; kind < shadowMisses.length; kind++) {
            shadowMisses[kind] += shadowMask >>> kind & 1;
        }
    }

    /** Counts what another has counted. */
    public void add(MissCounts other) {
        fetches += other.fetches;
        misses += other.misses;
        for (int kind = 0; kind < shadowMisses.length; kind++) {
            shadowMisses[kind] += other.shadowMisses[kind];
        }
    }

    /** Fetches of sampled pages. */
    public long fetches() {
        return fetches;
    }

    /** Of those, fetches that missed the DRAM tier. */
    public long misses() {
        return misses;
    }

    /** Of those, fetches that each policy would have missed. */
    public Map<PolicyKind, Long> shadowMisses() {
        Map<PolicyKind, Long> byKind = new EnumMap<>(PolicyKind.class);
        for (int kind = 0; kind < shadowMisses.length; kind++) {
            byKind.put(Shadows.KINDS.get(kind), shadowMisses[kind]);
        }
        return byKind;
    }
}
