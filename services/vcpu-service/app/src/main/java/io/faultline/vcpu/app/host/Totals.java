// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.host;

import io.faultline.model.FailReason;
import io.faultline.model.PageSource;
import io.faultline.model.Resolution;
import io.faultline.model.SyncReason;
import io.faultline.vcpu.domain.Counters;
import io.faultline.vcpu.domain.Vcpu;
import io.faultline.vcpu.domain.VirtualMachine;
import io.faultline.vcpu.domain.prefetch.HintSource;
import io.faultline.vcpu.domain.prefetch.PrefetchCounters;

/** The sum of VMs' counters at one moment. Filled on the loop, then handed to a reader and left alone. */
public final class Totals {
    int vms;
    long framesBytes;
    private long vcpus;
    private long works;
    private long framesLimit;
    private long framesAwaited;
    private long faultsInFlight;
    private long framesInUse;
    private long faults;
    private long tokensIssued;
    private long fetches;
    private long pagesWrittenOut;
    private long pagesDroppedClean;
    private long pagesFoundZero;
    private long pagesTakenBack;
    private long pagesImportedStored;
    private long pagesImportedZero;
    private long pagesImportedDuplicate;
    private long staleMessages;
    private long wakeAlls;
    private final PrefetchCounters byTrend = new PrefetchCounters();
    private final PrefetchCounters byWorkingSet = new PrefetchCounters();
    private long workingSetPages;
    private final long[] mapped = new long[PageSource.values().length];
    private final long[] synchronous = new long[SyncReason.values().length];
    private final long[] resolved = new long[Resolution.values().length];
    private final long[] failed = new long[FailReason.values().length];

    /** Nothing yet. */
    public Totals() {}

    /** VMs registered now. */
    public int vms() {
        return vms;
    }

    /** vCPUs of these VMs. */
    public long vcpus() {
        return vcpus;
    }

    /** Works of these vCPUs that are not dequeued now, wake-alls included. */
    public long works() {
        return works;
    }

    /** Frames that these VMs may use. */
    public long framesLimit() {
        return framesLimit;
    }

    /** Pages that wait for a frame now. */
    public long framesAwaited() {
        return framesAwaited;
    }

    /** Bytes of frames that they claim now. */
    public long framesBytes() {
        return framesBytes;
    }

    /** Faults raised and not ended now. */
    public long faultsInFlight() {
        return faultsInFlight;
    }

    /** Frames in use now. */
    public long framesInUse() {
        return framesInUse;
    }

    /** Faults raised. */
    public long faults() {
        return faults;
    }

    /** Publications that the notifier accepted. */
    public long tokensIssued() {
        return tokensIssued;
    }

    /** Fetches asked for, retries included. */
    public long fetches() {
        return fetches;
    }

    /** Dirty pages written out. */
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

    /** Pages of images that were zeros. */
    public long pagesImportedZero() {
        return pagesImportedZero;
    }

    /** Pages of images that share the copy of another. */
    public long pagesImportedDuplicate() {
        return pagesImportedDuplicate;
    }

    /** Pages that guests touched and that are remembered, now. */
    public long workingSetPages() {
        return workingSetPages;
    }

    /** What came of the hints of one source. */
    public PrefetchCounters prefetches(HintSource source) {
        return switch (source) {
            case TREND -> byTrend;
            case WORKING_SET -> byWorkingSet;
        };
    }

    /** Verdicts that had no effect. */
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

    void addNow(VirtualMachine machine) {
        faultsInFlight += machine.faultsInFlight();
        framesInUse += machine.framesInUse();
        framesAwaited += machine.framesAwaited();
        workingSetPages += machine.workingSetPages();
        framesLimit += machine.spec().residentPagesMax();
        for (int id : machine.spec().vcpuIds()) {
            Vcpu vcpu = machine.vcpu(id);
            if (vcpu != null) {
                vcpus++;
                works += vcpu.works();
            }
        }
    }

    void add(VirtualMachine machine) {
        Counters counters = machine.counters();
        faults += counters.faults();
        tokensIssued += counters.tokensIssued();
        fetches += counters.fetches();
        pagesWrittenOut += counters.pagesWrittenOut();
        pagesDroppedClean += counters.pagesDroppedClean();
        pagesFoundZero += counters.pagesFoundZero();
        pagesTakenBack += counters.pagesTakenBack();
        pagesImportedStored += counters.pagesImportedStored();
        pagesImportedZero += counters.pagesImportedZero();
        pagesImportedDuplicate += counters.pagesImportedDuplicate();
        staleMessages += counters.staleMessages();
        for (HintSource by : HintSource.values()) {
            prefetches(by).add(counters.prefetches(by));
        }
        wakeAlls += counters.wakeAlls();
        for (PageSource source : PageSource.values()) {
            mapped[source.code()] += counters.mapped(source);
        }
        for (SyncReason reason : SyncReason.values()) {
            synchronous[reason.code()] += counters.synchronous(reason);
        }
        for (Resolution resolution : Resolution.values()) {
            resolved[resolution.code()] += counters.resolved(resolution);
        }
        for (FailReason reason : FailReason.values()) {
            failed[reason.code()] += counters.failed(reason);
        }
    }

    void add(Totals other) {
        faults += other.faults;
        tokensIssued += other.tokensIssued;
        fetches += other.fetches;
        pagesWrittenOut += other.pagesWrittenOut;
        pagesDroppedClean += other.pagesDroppedClean;
        pagesFoundZero += other.pagesFoundZero;
        pagesTakenBack += other.pagesTakenBack;
        pagesImportedStored += other.pagesImportedStored;
        pagesImportedZero += other.pagesImportedZero;
        pagesImportedDuplicate += other.pagesImportedDuplicate;
        staleMessages += other.staleMessages;
        for (HintSource by : HintSource.values()) {
            prefetches(by).add(other.prefetches(by));
        }
        wakeAlls += other.wakeAlls;
        addEach(mapped, other.mapped);
        addEach(synchronous, other.synchronous);
        addEach(resolved, other.resolved);
        addEach(failed, other.failed);
    }

    private static void addEach(long[] sums, long[] others) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += others[i];
        }
    }
}
