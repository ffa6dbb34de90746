// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import io.faultline.model.PageSize;
import java.util.Arrays;

/** One VM as what it shares with others knows it: its weight, and what it has of each. Owned by the pager's thread. */
final class Tenant {
    /** A number below {@link Tenants#TENANTS_MAX} that no other VM has meanwhile. */
    final int slot;

    final long vmId;
    VmQuota quota = VmQuota.DEFAULT;

    /** Requests that wait, and pages under way to the swap store. */
    int waiters;

    int storesInFlight;
    /** Its demand loads that wait for their turn. */
    final LoadQueue.Lane lane = new LoadQueue.Lane(this);

    /** Its cells of DRAM by page size, without those whose pages are leaving; and all bytes that it holds there. */
    final Shares.Claim[] dram = new Shares.Claim[PageSize.values().length];

    long dramBytes;
    /** It stands in line to give pages up, for it has come near its limit. */
    boolean isCrowded;

    /** Its blocks of the compressed tier. */
    final Shares.Claim compressed = new Shares.Claim(this);

    /** What there is of it; while there is something its slot stays its own. */
    int references;
    /** Its VM was dropped; forgotten when nothing of it is left. */
    boolean isDropped;

    Tenant(int slot, long vmId) {
        this.slot = slot;
        this.vmId = vmId;
        Arrays.setAll(dram, pool -> new Shares.Claim(this));
    }

    int weight() {
        return quota.weight();
    }
}
