// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import io.faultline.model.FailReason;
import io.faultline.model.PageSource;
import io.faultline.model.SyncReason;
import io.faultline.model.Token;

/** One fault from RAISED to its terminal outcome. Reused by its vCPU's {@link Faults}. Owned by the VM's thread. */
final class Fault extends Waiter {
    final FaultPath path;
    long ref;
    long gfn;
    boolean write;
    boolean kernel;
    boolean prefault;
    Stage stage = Stage.WAITING_TURN;
    /** The audit step RAISED: the cause of all later ones. */
    long raisedStep;

    int token = Token.NONE;
    SyncReason reason = SyncReason.NONE;
    PageSource source = PageSource.NONE;
    /** Why its page did not come, while that cannot be said yet. */
    FailReason failure = FailReason.NONE;
    /** The frame, pinned, of a page that came before the verdict. */
    int heldFrame = FrameTable.NONE;
    /** Whether its publication, while it was undecided, was taken back. */
    boolean withdrawn;

    /** Where a fault is. */
    enum Stage {
        /** Behind other faults of its vCPU. */
        WAITING_TURN,
        /** Its vCPU stands still for the page. */
        SYNCHRONOUS,
        /** Published; its vCPU stands still for the verdict. */
        UNDECIDED,
        /** The guest is told; the page is on its way. */
        PARKED,
        /** The page is mapped, or has failed; the verdict on the completion is on its way. */
        COMPLETING,
        /** The guest was told in an epoch that is over; the page is on its way. */
        DROPPED
    }

    Fault(FaultPath path) {
        this.path = path;
    }

    void begin(long faultRef, long faultGfn) {
        ref = faultRef;
        gfn = faultGfn;
        stage = Stage.WAITING_TURN;
        token = Token.NONE;
        reason = SyncReason.NONE;
        source = PageSource.NONE;
        failure = FailReason.NONE;
        heldFrame = FrameTable.NONE;
        withdrawn = false;
    }

    @Override
    boolean writes() {
        return write;
    }

    @Override
    void arrived(int frame, PageSource from) {
        path.pageArrived(this, frame, from);
    }

    @Override
    void failed(FailReason why, long nowNs) {
        path.pageFailed(this, why);
    }
}
