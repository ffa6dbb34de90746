// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import io.faultline.model.Tier;
import io.faultline.pager.domain.shadow.MissCounts;

/** Counts since the start, and how much memory is in use, of one VM or of several. Owned by the pager's thread. */
final class Counters {
    /** What the DRAM tier and its shadows missed. */
    final MissCounts sampled = new MissCounts();

    /** Gauges: the pages that are in DRAM now, and their bytes. */
    long pages;

    long pageBytes;

    /** Gauges: the pages that are in the compressed tier now, their bytes, and the bytes of memory that they take. */
    long compressedPages;

    long compressedPageBytes;
    long compressedBytes;

    long dramFetches;
    long dramPages;
    long dramEvictions;
    long dramEvictionsAtCap;
    long dramEvictionsAboveShare;
    long compressedFetches;
    long compressedStores;
    long compressedEvictions;
    long compressedEvictionsAboveShare;
    long sameFilled;
    long notShrunk;
    long withdrawn;
    long skipped;
    long inflationsFailed;
    long storeFetches;
    long storeStores;
    long absent;
    long corrupt;
    long unavailable;
    long coalesced;
    long rejectedStores;
    long prefetchesIssued;
    long prefetchesUsed;
    long prefetchesEvictedUnused;
    long prefetchesLate;
    long prefetchesDropped;
    long prefetchesDiscardedUnused;
    long prefetchesFailed;
    long prefetchesOvertaken;
    long prefetchesPresent;

    /** A fetch was answered with a page from a tier. */
    void found(Tier tier) {
        switch (tier) {
            case DRAM -> dramFetches++;
            case COMPRESSED -> compressedFetches++;
            case SWAP_STORE -> storeFetches++;
            case NONE -> throw new IllegalArgumentException("tier: " + tier + " (expected: one with pages)");
        }
    }

    void add(Counters other) {
        sampled.add(other.sampled);
        pages += other.pages;
        pageBytes += other.pageBytes;
        compressedPages += other.compressedPages;
        compressedPageBytes += other.compressedPageBytes;
        compressedBytes += other.compressedBytes;
        dramFetches += other.dramFetches;
        dramPages += other.dramPages;
        dramEvictions += other.dramEvictions;
        dramEvictionsAtCap += other.dramEvictionsAtCap;
        dramEvictionsAboveShare += other.dramEvictionsAboveShare;
        compressedFetches += other.compressedFetches;
        compressedStores += other.compressedStores;
        compressedEvictions += other.compressedEvictions;
        compressedEvictionsAboveShare += other.compressedEvictionsAboveShare;
        sameFilled += other.sameFilled;
        notShrunk += other.notShrunk;
        withdrawn += other.withdrawn;
        skipped += other.skipped;
        inflationsFailed += other.inflationsFailed;
        storeFetches += other.storeFetches;
        storeStores += other.storeStores;
        absent += other.absent;
        corrupt += other.corrupt;
        unavailable += other.unavailable;
        coalesced += other.coalesced;
        rejectedStores += other.rejectedStores;
        prefetchesIssued += other.prefetchesIssued;
        prefetchesUsed += other.prefetchesUsed;
        prefetchesEvictedUnused += other.prefetchesEvictedUnused;
        prefetchesLate += other.prefetchesLate;
        prefetchesDropped += other.prefetchesDropped;
        prefetchesDiscardedUnused += other.prefetchesDiscardedUnused;
        prefetchesFailed += other.prefetchesFailed;
        prefetchesOvertaken += other.prefetchesOvertaken;
        prefetchesPresent += other.prefetchesPresent;
    }

    PagerStats.Dram dram(long bytesInUse, long bytesMax) {
        return new PagerStats.Dram(
                pages, bytesInUse, bytesMax, dramFetches, dramPages, dramEvictions, dramEvictionsAtCap);
    }

    PagerStats.Compressed compressed(long bytesInUse, long bytesMax) {
        return new PagerStats.Compressed(
                compressedPages,
                compressedPageBytes,
                bytesInUse,
                bytesMax,
                compressedFetches,
                new PagerStats.Demotions(compressedStores - sameFilled, sameFilled, notShrunk, withdrawn, skipped),
                compressedEvictions,
                inflationsFailed);
    }

    PagerStats.Store store() {
        return new PagerStats.Store(storeFetches, storeStores);
    }

    PagerStats.Refusals refusals() {
        return new PagerStats.Refusals(absent, corrupt, unavailable, rejectedStores);
    }

    PagerStats.Prefetch prefetch() {
        return new PagerStats.Prefetch(
                prefetchesIssued,
                prefetchesUsed,
                prefetchesLate,
                prefetchesEvictedUnused,
                prefetchesDiscardedUnused,
                prefetchesFailed,
                prefetchesDropped,
                prefetchesOvertaken,
                prefetchesPresent);
    }
}
