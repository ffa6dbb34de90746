// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

/**
 * Counters and gauges of a pager, or of one VM, at one moment; counts are since the start.
 *
 * @param dram the DRAM tier
 * @param store what went to and came from the swap store
 * @param refusals answers that were neither a page nor a promise
 * @param prefetch how honest prefetching was
 * @param coalesced fetches that joined one already under way for the same page
 * @param loadsInFlight loads that the swap store works on now, of all VMs
 * @param loadsQueued loads that wait for their turn now, of all VMs
 * @param storesInFlight stores that the swap store works on now, of all VMs
 */
public record PagerStats(
        Dram dram,
        Store store,
        Refusals refusals,
        Prefetch prefetch,
        long coalesced,
        int loadsInFlight,
        int loadsQueued,
        int storesInFlight) {

    /**
     * The DRAM tier.
     *
     * @param pages pages it holds now
     * @param bytes bytes of page memory in use now; of a pager, with what is on its way in or out
     * @param bytesMax bytes of page memory it may use
     * @param fetches fetches answered from it
     * @param stores pages put into it
     * @param evictions pages it gave up for others
     * @param evictionsAtCap of those, pages given up while a request waited for their memory
     */
    public record Dram(
            long pages, long bytes, long bytesMax, long fetches, long stores, long evictions, long evictionsAtCap) {}

    /**
     * Traffic with the swap store.
     *
     * @param fetches fetches answered from it
     * @param stores pages that it has taken
     */
    public record Store(long fetches, long stores) {}

    /**
     * Answers that were neither a page nor a promise.
     *
     * @param absent fetches answered ABSENT
     * @param corrupt fetches answered CORRUPT
     * @param unavailable requests answered UNAVAILABLE
     * @param rejectedStores stores answered CORRUPT: the bytes do not match their checksum, or not those already kept
     *     under this name
     */
    public record Refusals(long absent, long corrupt, long unavailable, long rejectedStores) {}

    /**
     * How honest prefetching was.
     *
     * @param issued pages asked of the swap store ahead of demand
     * @param used of those, pages that a fetch then found
     * @param evictedUnused of those, pages evicted before any fetch
     * @param late of those, pages that a fetch had to wait for
     * @param dropped hints not followed, for want of room
     */
    public record Prefetch(long issued, long used, long evictedUnused, long late, long dropped) {}
}
