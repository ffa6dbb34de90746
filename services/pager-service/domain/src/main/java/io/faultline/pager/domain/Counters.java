// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

/** Counts since the start, and how much DRAM is in use, of one VM or of several. Owned by the pager's thread. */
final class Counters {
    /** Gauges: the pages that are in DRAM now, and their bytes. */
    long pages;

    long pageBytes;

    long dramFetches;
    long dramPages;
    long dramEvictions;
    long dramEvictionsAtCap;
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

    void add(Counters other) {
        pages += other.pages;
        pageBytes += other.pageBytes;
        dramFetches += other.dramFetches;
        dramPages += other.dramPages;
        dramEvictions += other.dramEvictions;
        dramEvictionsAtCap += other.dramEvictionsAtCap;
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
    }

    PagerStats.Dram dram(long bytesInUse, long bytesMax) {
        return new PagerStats.Dram(
                pages, bytesInUse, bytesMax, dramFetches, dramPages, dramEvictions, dramEvictionsAtCap);
    }

    PagerStats.Store store() {
        return new PagerStats.Store(storeFetches, storeStores);
    }

    PagerStats.Refusals refusals() {
        return new PagerStats.Refusals(absent, corrupt, unavailable, rejectedStores);
    }

    PagerStats.Prefetch prefetch() {
        return new PagerStats.Prefetch(
                prefetchesIssued, prefetchesUsed, prefetchesEvictedUnused, prefetchesLate, prefetchesDropped);
    }
}
