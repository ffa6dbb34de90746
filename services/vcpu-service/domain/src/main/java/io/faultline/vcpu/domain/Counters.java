// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import io.faultline.model.FailReason;
import io.faultline.model.PageSource;
import io.faultline.model.Resolution;
import io.faultline.model.SyncReason;
import io.faultline.vcpu.domain.prefetch.HintSource;
import io.faultline.vcpu.domain.prefetch.PrefetchCounters;

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
    long staleMessages;
    long wakeAlls;
    final long[] mapped = new long[PageSource.values().length];
    final long[] synchronous = new long[SyncReason.values().length];
    final long[] resolved = new long[Resolution.values().length];
    final long[] failed = new long[FailReason.values().length];

    private final PrefetchCounters byTrend = new PrefetchCounters();
    private final PrefetchCounters byWorkingSet = new PrefetchCounters();

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

    /** What came of the hints of one source. */
    public PrefetchCounters prefetches(HintSource source) {
        return switch (source) {
            case TREND -> byTrend;
            case WORKING_SET -> byWorkingSet;
        };
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
