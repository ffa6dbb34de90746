// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import io.faultline.model.FailReason;
import io.faultline.model.PageSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One VM of the fault plane: its memslots, stage-2 table, frames and vCPUs, and everything that is on its way between
 * them and the other planes. Owned by one thread; every input may cause any of the {@link Effects} before it returns.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class VirtualMachine {
    /**
     * A VM that has said nothing yet: {@link #open} begins.
     *
     * @throws IllegalArgumentException for memslots that overlap, share a number, or have too many pages
     */
    public VirtualMachine(MachineSpec spec, Effects effects) {
        throw new UnsupportedOperationException();
    }

    /** Begins: opens the audit chains, creates the vCPUs at the notifier if it is connected; then {@code registered}. */
    public void open(boolean notifierConnected, long nowNs) {
        throw new UnsupportedOperationException();
    }

    /**
     * Ends: faults in flight end as FAILED with VM_GONE, host accesses likewise, vCPUs are destroyed, chains are closed.
     * Answers to I/O still under way must not be handed in any more.
     */
    public void close(long nowNs) {
        throw new UnsupportedOperationException();
    }

    /** The vCPU of an id, or null. */
    public @Nullable Vcpu vcpu(int vcpuId) {
        throw new UnsupportedOperationException();
    }

    /** What the VM was registered with. */
    public MachineSpec spec() {
        throw new UnsupportedOperationException();
    }

    /** The memslots as they are now, by address. */
    public List<Memslot> memslots() {
        throw new UnsupportedOperationException();
    }

    /**
     * Adds a memslot, changes whether it is read-only, or (with 0 pages) deletes it and its pages' contents. A range
     * cannot be changed in place, as in KVM.
     *
     * @throws IllegalArgumentException for an overlap, a changed range, too many pages, or deleting what is not there
     */
    public void setMemslot(Memslot memslot, long nowNs) {
        throw new UnsupportedOperationException();
    }

    /** Asks for one page on the host's behalf: {@code hostPageReady} or {@code hostPageFailed} follows, maybe at once. */
    public void hostAccess(long requestId, long gfn, HostAccess access, long nowNs) {
        throw new UnsupportedOperationException();
    }

    /** Answer to {@code fetch}: the page's bytes are in the frame and match their checksum. */
    public void fetched(int frame, PageSource source, long nowNs) {
        throw new UnsupportedOperationException();
    }

    /** Answer to {@code fetch}: the page is lost, PAGE_ABSENT or PAGE_CORRUPT. */
    public void fetchFailed(int frame, FailReason reason, long nowNs) {
        throw new UnsupportedOperationException();
    }

    /** Answer to {@code fetch}: try again later. */
    public void fetchUnavailable(int frame, long nowNs) {
        throw new UnsupportedOperationException();
    }

    /** Answer to {@code writeOut}: the tiers have the page, with this CRC-32C. */
    public void stored(int frame, int crc, long nowNs) {
        throw new UnsupportedOperationException();
    }

    /** Answer to {@code writeOut}: the page held only zeros and was not stored. */
    public void storedZero(int frame, long nowNs) {
        throw new UnsupportedOperationException();
    }

    /** Answer to {@code writeOut}: try again later. */
    public void storeUnavailable(int frame, long nowNs) {
        throw new UnsupportedOperationException();
    }

    /** The notifier is connected (again): creates every vCPU there, arms those that are enabled with a new epoch. */
    public void notifierConnected(long nowNs) {
        throw new UnsupportedOperationException();
    }

    /** The notifier's connection is lost: publications and tokens outstanding on it are dropped. */
    public void notifierLost(long nowNs) {
        throw new UnsupportedOperationException();
    }

    /** Time passed: retries and deadlines. To be called every few milliseconds. */
    public void tick(long nowNs) {
        throw new UnsupportedOperationException();
    }

    /** Totals since registration. */
    public Counters counters() {
        throw new UnsupportedOperationException();
    }

    /** Frames in use now: resident, being fetched into, or being written out. */
    public int framesInUse() {
        throw new UnsupportedOperationException();
    }

    /** Faults raised that have no terminal outcome yet. */
    public int faultsInFlight() {
        throw new UnsupportedOperationException();
    }
}
