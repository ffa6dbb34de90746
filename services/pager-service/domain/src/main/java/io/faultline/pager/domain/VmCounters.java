// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.domain;

import java.util.HashMap;
import java.util.Map;

/**
 * Counters of each VM that has stored or found a page here; VMs beyond a bound, unknown and forgotten ones share one
 * set. Owned by the pager's thread.
 */
final class VmCounters {
    static final int VMS_MAX = 4096;

    private final Map<Long, Counters> vms = new HashMap<>();
    private final Counters others = new Counters();
    private long lastVmId;
    private Counters last = others;

    /** The counters that a VM's events go to; the same VM twice in a row costs one comparison. */
    Counters of(long vmId) {
        if (vmId != lastVmId) {
            lastVmId = vmId;
            last = vms.getOrDefault(vmId, others);
        }
        return last;
    }

    /** Gives a VM counters of its own, if there is room. */
    void track(long vmId) {
        if (of(vmId) == others && vms.size() < VMS_MAX) {
            last = new Counters();
            vms.put(vmId, last);
        }
    }

    /** Takes a VM's own counters away; the totals keep their counts. */
    void forget(long vmId) {
        Counters gone = vms.remove(vmId);
        if (gone != null) {
            others.add(gone);
        }
        lastVmId = 0;
        last = others;
    }

    /** A VM's counters; zeros if it has none of its own. */
    Counters copyOf(long vmId) {
        Counters copy = new Counters();
        Counters own = vms.get(vmId);
        if (own != null) {
            copy.add(own);
        }
        return copy;
    }

    Counters total() {
        Counters total = new Counters();
        total.add(others);
        vms.values().forEach(total::add);
        return total;
    }
}
