// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app.grpc;

import io.faultline.pager.domain.PagerStats;
import io.faultline.pager.domain.VmShare;
import io.faultline.pager.domain.eviction.PolicyKind;
import io.faultline.proto.pager.v1.PolicyMisses;
import io.faultline.proto.pager.v1.PrefetchStats;
import io.faultline.proto.pager.v1.RegretStats;
import io.faultline.proto.pager.v1.StatsResponse;
import io.faultline.proto.pager.v1.Tier;
import io.faultline.proto.pager.v1.TierStats;

/** Turns the pager's counters into a {@code StatsResponse}. Stateless. */
final class StatsMessages {
    private static final int SMALLEST_PAGE_BYTES = 4096;

    private StatsMessages() {}

    /** The response for all VMs. */
    static StatsResponse of(PagerStats pager, long storePages, String storeName) {
        return response(pager, storePages, storeName)
                .addTiers(0, dram(pager.dram()))
                .addTiers(1, compressed(pager.compressed()))
                .build();
    }

    /** The response for one VM, of which the swap store's pages are not known: 0. */
    static StatsResponse of(PagerStats pager, VmShare share, String storeName) {
        return response(pager, 0, storeName)
                .addTiers(
                        0,
                        shared(dram(pager.dram()), share.dram(), share.quota().dramMaxBytes()))
                .addTiers(
                        1,
                        shared(
                                compressed(pager.compressed()),
                                share.compressed(),
                                share.quota().compressedMaxBytes()))
                .setWeight(share.quota().weight())
                .build();
    }

    private static StatsResponse.Builder response(PagerStats pager, long storePages, String storeName) {
        return StatsResponse.newBuilder()
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
                        .setLate(pager.prefetch().late())
                        .setDiscardedUnused(pager.prefetch().discardedUnused())
                        .setFailed(pager.prefetch().failed())
                        .setDropped(pager.prefetch().dropped())
                        .setOvertaken(pager.prefetch().overtaken())
                        .setPresent(pager.prefetch().present()))
                .setRegret(regret(pager.regret()));
    }

    private static TierStats.Builder shared(TierStats.Builder tier, VmShare.InTier share, long limitBytes) {
        return tier.setShareBytes(share.shareBytes())
                .setLimitBytes(limitBytes)
                .setEvictionsAboveShare(share.evictionsAboveShare());
    }

    private static RegretStats regret(PagerStats.Regret regret) {
        RegretStats.Builder message = RegretStats.newBuilder()
                .setSampledShare(regret.sampledShare())
                .setFetches(regret.fetches())
                .setMisses(regret.misses())
                .setMissesBest(regret.misses(regret.best()))
                .setMissesLru(regret.misses(PolicyKind.LRU))
                .setBest(regret.best().setting())
                .setPolicy(regret.policy().setting())
                .setPolicyWanted(regret.wanted().setting())
                .setSwitches(regret.switches());
        for (PolicyKind kind : PolicyKind.values()) {
            message.addPolicies(
                    PolicyMisses.newBuilder().setPolicy(kind.setting()).setMisses(regret.misses(kind)));
        }
        return message.build();
    }

    private static TierStats.Builder compressed(PagerStats.Compressed compressed) {
        PagerStats.Demotions demotions = compressed.demotions();
        return TierStats.newBuilder()
                .setTier(Tier.TIER_COMPRESSED)
                .setPages(compressed.pages())
                .setBytes(compressed.bytes())
                .setFetches(compressed.fetches())
                .setStores(demotions.deflated() + demotions.sameFilled())
                .setEvictions(compressed.evictions());
    }

    private static TierStats.Builder dram(PagerStats.Dram dram) {
        return TierStats.newBuilder()
                .setTier(Tier.TIER_DRAM)
                .setPages(dram.pages())
                .setBytes(dram.bytes())
                .setPagesMax(dram.bytesMax() / SMALLEST_PAGE_BYTES)
                .setFetches(dram.fetches())
                .setStores(dram.stores())
                .setEvictions(dram.evictions());
    }
}
