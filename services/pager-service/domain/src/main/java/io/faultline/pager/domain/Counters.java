// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

/** Counts since the start. Owned by the pager's thread; {@link Pager#stats} gives a copy to others. */
final class Counters {
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
}
