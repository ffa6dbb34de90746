// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import io.faultline.model.FailReason;
import io.faultline.model.PageSource;
import io.faultline.model.Resolution;
import io.faultline.model.SyncReason;

/** A VM's totals since registration. Owned by the VM's thread; a reader elsewhere needs a copy made there. */
public final class Counters {
    long faults;
    int faultsInFlight;
    long tokensIssued;
    long pagesWrittenOut;
    long pagesDroppedClean;
    long pagesFoundZero;
    long pagesTakenBack;
    long pagesImportedStored;
    long pagesImportedZero;
    long pagesImportedDuplicate;
    long fetches;
    long prefetchesIssued;
    long prefetchesTimely;
    long prefetchesLate;
    long prefetchesUnused;
    long prefetchesRefused;
    long prefetchesOpen;
    long staleMessages;
    long wakeAlls;
    final long[] mapped = new long[PageSource.values().length];
    final long[] synchronous = new long[SyncReason.values().length];
    final long[] resolved = new long[Resolution.values().length];
    final long[] failed = new long[FailReason.values().length];

    Counters() {}

    /** Faults raised. */
    public long faults() {
        return faults;
    }

    /** Publications that the notifier accepted. */
    public long tokensIssued() {
        return tokensIssued;
    }

    /** Dirty pages written out and acknowledged. */
    public long pagesWrittenOut() {
        return pagesWrittenOut;
    }

    /** Clean pages dropped without a write. */
    public long pagesDroppedClean() {
        return pagesDroppedClean;
    }

    /** Dirty pages that held only zeros when they were to be written out. */
    public long pagesFoundZero() {
        return pagesFoundZero;
    }

    /** Pages that were on their way out and were taken back. */
    public long pagesTakenBack() {
        return pagesTakenBack;
    }

    /** Pages of images that were stored. */
    public long pagesImportedStored() {
        return pagesImportedStored;
    }

    /** Pages of images that were zeros, and were not stored. */
    public long pagesImportedZero() {
        return pagesImportedZero;
    }

    /** Pages of images that were the same as one before, and share its copy. */
    public long pagesImportedDuplicate() {
        return pagesImportedDuplicate;
    }

    /** Fetches asked for, retries included. */
    public long fetches() {
        return fetches;
    }

    /** Pages that the tiers were hinted at: what became of them is timely, late, unused, or open. */
    public long prefetchesIssued() {
        return prefetchesIssued;
    }

    /** Pages hinted at that were then wanted, and came without a wait for the swap store. */
    public long prefetchesTimely() {
        return prefetchesTimely;
    }

    /** Pages hinted at that were then wanted, and had to come from the swap store all the same. */
    public long prefetchesLate() {
        return prefetchesLate;
    }

    /** Pages hinted at that nobody wanted while the hint was remembered. */
    public long prefetchesUnused() {
        return prefetchesUnused;
    }

    /** Hints not given, because the tiers did not take any at the moment. */
    public long prefetchesRefused() {
        return prefetchesRefused;
    }

    /** Pages hinted at that may still be wanted, now. */
    public long prefetchesOpen() {
        return prefetchesOpen;
    }

    /** Verdicts of an old epoch, or of a token not outstanding, that had no effect. */
    public long staleMessages() {
        return staleMessages;
    }

    /** Wake-alls asked for. */
    public long wakeAlls() {
        return wakeAlls;
    }

    /** Faults that ended as MAPPED with a page from this source. */
    public long mapped(PageSource source) {
        return mapped[source.code()];
    }

    /** Faults that ended as MAPPED for this reason of standing still. */
    public long synchronous(SyncReason reason) {
        return synchronous[reason.code()];
    }

    /** Faults that ended as RESOLVED this way. */
    public long resolved(Resolution resolution) {
        return resolved[resolution.code()];
    }

    /** Faults that ended as FAILED for this reason. */
    public long failed(FailReason reason) {
        return failed[reason.code()];
    }
}
