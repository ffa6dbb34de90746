// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.replay;

import java.util.HashMap;
import java.util.Map;

/**
 * How long vCPUs stood still: from each fault to the host's decision, which is ASYNC, or the end of a fault that never went
 * asynchronous. Times are in nanoseconds, of one clock that does not go back. One thread.
 */
public final class Standstills {
    /* A vCPU has one undecided fault at a time, so this holds one entry a vCPU at the most. */
    private final Map<Long, Long> sinceNs = new HashMap<>();
    private long totalNs;
    private long longestNs;

    /** Nothing stands still yet. */
    public Standstills() {}

    /** A vCPU raised a fault. */
    public void began(long sequence, long nowNs) {
        sinceNs.put(sequence, nowNs);
    }

    /** An outcome came; only a fault's first one ends its standstill. */
    public void ended(long sequence, long nowNs) {
        Long beganNs = sinceNs.remove(sequence);
        if (beganNs != null) {
            stood(nowNs - beganNs);
        }
    }

    /** No outcome will come any more. */
    public void lost(long nowNs) {
        sinceNs.values().forEach(beganNs -> stood(nowNs - beganNs));
        sinceNs.clear();
    }

    private void stood(long ns) {
        totalNs += ns;
        longestNs = Math.max(longestNs, ns);
    }

    /** Of all vCPUs together. */
    long totalNs() {
        return totalNs;
    }

    /** The longest that one vCPU stood still, since the beginning or since {@link #forgetLongest}. */
    public long longestNs() {
        return longestNs;
    }

    /** Begins anew with the longest; who stands still goes on doing so. */
    public void forgetLongest() {
        longestNs = 0;
    }
}
