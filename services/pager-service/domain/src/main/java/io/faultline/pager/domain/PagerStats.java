// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import io.faultline.pager.domain.eviction.PolicyKind;
import java.util.Collections;
import java.util.Comparator;
import java.util.Map;

/**
 * Counters and gauges of a pager, or of one VM, at one moment; counts are since the start.
 *
 * @param dram the DRAM tier
 * @param compressed the compressed tier
 * @param store what went to and came from the swap store
 * @param refusals answers that were neither a page nor a promise
 * @param prefetch how honest prefetching was
 * @param coalesced fetches that joined one already under way for the same page
 * @param loadsInFlight loads that the swap store works on now, of all VMs
 * @param loadsQueued loads that wait for their turn now, of all VMs
 * @param storesInFlight stores that the swap store works on now, of all VMs
 * @param deflationsInFlight pages that are being deflated now, of all VMs
 * @param regret what other policies would have missed
 */
public record PagerStats(
        Dram dram,
        Compressed compressed,
        Store store,
        Refusals refusals,
        Prefetch prefetch,
        long coalesced,
        int loadsInFlight,
        int loadsQueued,
        int storesInFlight,
        int deflationsInFlight,
        Regret regret) {

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
     * The compressed tier.
     *
     * @param pages pages it holds now
     * @param pageBytes bytes of those pages, were they not compressed
     * @param bytes bytes of memory in use now; of a pager, with what is on its way in or out
     * @param bytesMax bytes of memory it may use; 0 if there is no such tier
     * @param fetches fetches answered from it
     * @param demotions what became of the pages that DRAM gave up while there is such a tier
     * @param evictions pages it gave up for others
     * @param inflationsFailed pages that did not match their checksum when inflated, and came from the swap store
     */
    public record Compressed(
            long pages,
            long pageBytes,
            long bytes,
            long bytesMax,
            long fetches,
            Demotions demotions,
            long evictions,
            long inflationsFailed) {}

    /**
     * Pages that DRAM gave up, by what became of them.
     *
     * @param deflated kept in less memory
     * @param sameFilled kept as one word
     * @param notShrunk not kept: they would not have saved a quarter of their bytes
     * @param withdrawn used or forgotten while they were being deflated
     * @param skipped not deflated: their memory was needed sooner
     */
    public record Demotions(long deflated, long sameFilled, long notShrunk, long withdrawn, long skipped) {}

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
     * How honest prefetching was. A hint is issued, dropped, overtaken or present, or still queued. Of the issued, each comes to
     * one of the five ends named after it, or is still loading or unused in DRAM.
     *
     * @param issued pages asked of the swap store ahead of demand
     * @param used of those, pages that a fetch then found
     * @param late of those, pages that a fetch had to wait for
     * @param evictedUnused of those, pages that left DRAM before any fetch, also into the compressed tier
     * @param discardedUnused of those, pages discarded or dropped with their VM before any fetch
     * @param failed of those, pages that the swap store did not find, or could not be asked for
     * @param dropped hints not followed, for want of room, or because the page was discarded before its turn
     * @param overtaken hints that queued when a fetch asked for the page: no prefetch any more
     * @param present hints for pages in memory or on their way there: nothing to be done
     */
    public record Prefetch(
            long issued,
            long used,
            long late,
            long evictedUnused,
            long discardedUnused,
            long failed,
            long dropped,
            long overtaken,
            long present) {

        /** Reads of the swap store that no fetch made use of: what prefetching cost beyond what it brought. */
        public long wasted() {
            return evictedUnused + discardedUnused + failed;
        }
    }

    /**
     * What the DRAM tier missed of a sample of the pages, and what it would have missed under each policy.
     *
     * @param policy the policy in force
     * @param wanted the policy that has been better for long, else the one in force
     * @param switches how often the policy was replaced, of the pager
     * @param sampledShare the share of pages that are sampled, 0 to 1; 0 without shadows
     * @param fetches fetches of sampled pages
     * @param misses of those, fetches that the DRAM tier missed
     * @param shadowMisses of those, fetches that each policy would have missed
     */
    public record Regret(
            PolicyKind policy,
            PolicyKind wanted,
            long switches,
            double sampledShare,
            long fetches,
            long misses,
            Map<PolicyKind, Long> shadowMisses) {
        private static final Comparator<Map.Entry<PolicyKind, Long>> LEAST_FIRST =
                Map.Entry.<PolicyKind, Long>comparingByValue().thenComparing(Map.Entry.comparingByKey());

        /** Keeps a copy of the map. */
        public Regret {
            shadowMisses = Map.copyOf(shadowMisses);
        }

        /** Fetches that a policy would have missed. */
        public long misses(PolicyKind kind) {
            return shadowMisses.getOrDefault(kind, 0L);
        }

        /** The policy that would have missed least; of several the first. */
        public PolicyKind best() {
            return Collections.min(shadowMisses.entrySet(), LEAST_FIRST).getKey();
        }
    }
}
