// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import io.faultline.model.FailReason;
import io.faultline.model.PageSource;

/** The host's wish to read or write one page. Owned by the VM's thread. */
final class HostRequest extends Waiter {
    final long requestId;
    final long gfn;
    final HostAccess access;
    private final GuestMemory memory;
    /** Whether the arrival it waits for is its own: a whole-page write, which needs no fetch. */
    boolean ownsArrival;

    HostRequest(long requestId, long gfn, HostAccess access, GuestMemory memory) {
        this.requestId = requestId;
        this.gfn = gfn;
        this.access = access;
        this.memory = memory;
    }

    /** The host may write where guests may not; so a read-only memslot does not concern it. */
    @Override
    boolean writes() {
        return false;
    }

    @Override
    void arrived(int frame, PageSource source) {
        memory.hostPageReady(this, frame);
    }

    @Override
    void failed(FailReason reason, long nowNs) {
        memory.hostPageFailed(this, reason, nowNs);
    }
}
