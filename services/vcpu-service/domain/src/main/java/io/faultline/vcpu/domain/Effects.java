// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import io.faultline.model.AuditStep;
import io.faultline.model.FailReason;
import io.faultline.model.PageSource;
import io.faultline.model.Refusal;
import io.faultline.model.Resolution;
import io.faultline.model.SyncReason;

/**
 * What one VM's state machine wants done: outcomes of faults, I/O of frames, commands for the notifier, answers to the
 * VM's owner, audit steps. Called on the thread that owns the VM, from inside an input method; an implementation
 * must not call back into the VM before that input has returned.
 *
 * <p>A fault is named by the {@code faultRef} that came with {@link Vcpu#raise}. It ends with exactly one of {@link
 * #mapped}, {@link #resolved} and {@link #failed}, after which the domain has forgotten it.
 *
 * <p>A fetch or write-out is named by its frame until it is answered: every {@link #fetch} by exactly one of {@link
 * VirtualMachine#fetched}, {@link VirtualMachine#fetchFailed}, {@link VirtualMachine#fetchUnavailable}; every {@link
 * #writeOut} by exactly one of {@link VirtualMachine#stored}, {@link VirtualMachine#storedZero}, {@link
 * VirtualMachine#storeUnavailable}. Until then the frame is used for nothing else.
 */
public interface Effects {
    /** The {@code faultRef} of what no fault has asked for. */
    long NO_FAULT = -1;

    /** News: no other fault of its vCPU is in the way, this one is decided now. For who takes times; may be left out. */
    default void decided(long faultRef) {}

    /** News: the fault's page is in a frame, it may be mapped. For who takes times; may be left out. */
    default void arrived(long faultRef) {}

    /** News: the fault's publication was refused, its vCPU stands still. For who takes times; may be left out. */
    default void refused(long faultRef, Refusal refusal) {}

    /**
     * Carry out the fault's access on its frame now: load, then store. Comes once before {@link #mapped} or {@link
     * #resolved}, for an asynchronous fault as soon as its page is mapped and maybe long before its token ends.
     */
    void access(long faultRef, int frame);

    /** Terminal: the page is mapped; {@code reason} says why the vCPU stood still, NONE when it did not. */
    void mapped(long faultRef, PageSource source, SyncReason reason);

    /** Intermediate: the guest is told by token, the vCPU runs on. */
    void async(long faultRef, int token);

    /** Terminal, after {@link #async}: the token has ended, the access was carried out. */
    void resolved(long faultRef, int token, PageSource source, Resolution resolution);

    /** Terminal: nothing was mapped. */
    void failed(long faultRef, FailReason reason);

    /** Fill the frame with zeros, before returning. */
    void zero(int frame);

    /**
     * Fetch a page's bytes into the frame. They are good only if their CRC-32C is {@code crc}; the answer {@link
     * VirtualMachine#fetched} says that they are in the frame and match.
     *
     * @param faultRef the first of the faults that wait for the page, or {@link #NO_FAULT}
     */
    void fetch(int frame, long gfn, long version, int crc, long faultRef);

    /**
     * Store the bytes that the frame holds at this moment under the version: the page may be taken back and written
     * before the answer. A page that holds only zeros is not stored but answered by {@link VirtualMachine#storedZero}
     * (later, not from inside this call).
     */
    void writeOut(int frame, long gfn, long version);

    /** Hint: this version of the page is not needed any more. */
    void discard(long gfn, long version);

    /**
     * Hint: this version of the page, which is in the tiers, may be fetched soon. Not answered.
     *
     * @return false if the hint was not given on, because the tiers take none just now
     */
    default boolean prefetch(long gfn, long version) {
        return false;
    }

    /** Notifier, CREATE: the vCPU exists. */
    void create(int vcpuId, long epoch, int sdeiEvent, int pageReadyInterrupt);

    /** Notifier, DESTROY: the vCPU is gone. */
    void destroy(int vcpuId, long epoch);

    /** Notifier, ARM: asynchronous faults are enabled with this epoch. */
    void arm(int vcpuId, long epoch, long control, int sdeiEvent, int pageReadyInterrupt);

    /** Notifier, DISARM: asynchronous faults of this epoch are over. */
    void disarm(int vcpuId, long epoch);

    /** Notifier, RESET: as DISARM, with a new epoch, and what the guest registered is forgotten. */
    void reset(int vcpuId, long epoch);

    /**
     * Notifier, PUBLISH: tell the guest "page not present" for the fault; {@code cause} is the audit step PUBLISHED.
     *
     * @param mayWait whether the answer may wait for the guest to acknowledge a page-ready, until {@link #withdraw}
     */
    void publish(int vcpuId, long epoch, int token, long cause, long faultRef, boolean mayWait);

    /** Notifier, WITHDRAW: the token's publication is to be refused if its answer still waits. */
    void withdraw(int vcpuId, long epoch, int token);

    /** Notifier, COMPLETE: cancel or "page ready" for the fault; {@code cause} is the audit step INSTALLED or FETCH_FAILED. */
    void complete(int vcpuId, long epoch, int token, long cause, long faultRef);

    /** Notifier, WAKE_ALL: wake every task parked on the vCPU. */
    void wakeAll(int vcpuId, long epoch);

    /** The registration is finished: the notifier knows every vCPU, or there is none connected. Comes once. */
    void registered();

    /**
     * The answer to {@link Vcpu#hypercall} or {@link Vcpu#ioctl}; exactly one each.
     *
     * @param result for a hypercall the value of x0, for an ioctl 0 or a negative errno
     * @param value what an ioctl's GET returned, else 0
     */
    void configured(int vcpuId, long requestId, long result, long value);

    /** Copy between the host and the frame now, before returning: terminal answer to {@link VirtualMachine#hostAccess}. */
    void hostPageReady(long requestId, long gfn, int frame);

    /** The page cannot be had: terminal answer to {@link VirtualMachine#hostAccess}. */
    void hostPageFailed(long requestId, long gfn, FailReason reason);

    /** Record a step; the carrier is reused after the return. */
    void audit(AuditStep step);
}
