// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.grpc;

import io.faultline.pager.domain.PagerStats;
import io.faultline.proto.pager.v1.PrefetchStats;
import io.faultline.proto.pager.v1.StatsResponse;
import io.faultline.proto.pager.v1.Tier;
import io.faultline.proto.pager.v1.TierStats;

/** Turns the pager's counters into a {@code StatsResponse}. Stateless. */
final class StatsMessages {
    private static final int SMALLEST_PAGE_BYTES = 4096;

    private StatsMessages() {}

    /** The response for all VMs or for one, of which the swap store's pages are not known: 0. */
    static StatsResponse of(PagerStats pager, long storePages, String storeName) {
        return StatsResponse.newBuilder()
                .addTiers(dram(pager.dram()))
                .addTiers(compressed(pager.compressed()))
                .addTiers(TierStats.newBuilder()
                        .setTier(Tier.TIER_SWAP_STORE)
                        .setPages(storePages)
                        .setFetches(pager.store().fetches())
                        .setStores(pager.store().stores()))
                .setAbsent(pager.refusals().absent())
                .setCorrupt(pager.refusals().corrupt())
                .setUnavailable(pager.refusals().unavailable())
                .setCoalesced(pager.coalesced())
                .setSwapStore(storeName)
                .setPrefetch(PrefetchStats.newBuilder()
                        .setIssued(pager.prefetch().issued())
                        .setUsed(pager.prefetch().used())
                        .setEvictedUnused(pager.prefetch().evictedUnused())
                        .setLate(pager.prefetch().late()))
                .build();
    }

    private static TierStats compressed(PagerStats.Compressed compressed) {
        PagerStats.Demotions demotions = compressed.demotions();
        return TierStats.newBuilder()
                .setTier(Tier.TIER_COMPRESSED)
                .setPages(compressed.pages())
                .setBytes(compressed.bytes())
                .setFetches(compressed.fetches())
                .setStores(demotions.deflated() + demotions.sameFilled())
                .setEvictions(compressed.evictions())
                .build();
    }

    private static TierStats dram(PagerStats.Dram dram) {
        return TierStats.newBuilder()
                .setTier(Tier.TIER_DRAM)
                .setPages(dram.pages())
                .setBytes(dram.bytes())
                .setPagesMax(dram.bytesMax() / SMALLEST_PAGE_BYTES)
                .setFetches(dram.fetches())
                .setStores(dram.stores())
                .setEvictions(dram.evictions())
                .build();
    }
}
