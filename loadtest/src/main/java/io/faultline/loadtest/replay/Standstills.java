// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.replay;

import java.util.HashMap;
import java.util.Map;

/**
 * How long vCPUs stood still: from each fault to the host's decision, which is ASYNC, or the end of a fault that never went
 * asynchronous. One thread.
 */
final class Standstills {
    /* A vCPU has one undecided fault at a time, so this holds one entry a vCPU at the most. */
    private final Map<Long, Long> sinceNs = new HashMap<>();
    private long totalNs;

    /** A vCPU raised a fault. */
    void began(long sequence, long nowNs) {
        sinceNs.put(sequence, nowNs);
    }

    /** An outcome came; only a fault's first one ends its standstill. */
    void ended(long sequence, long nowNs) {
        Long beganNs = sinceNs.remove(sequence);
        if (beganNs != null) {
            totalNs += nowNs - beganNs;
        }
    }

    /** No outcome will come any more. */
    void lost(long nowNs) {
        sinceNs.values().forEach(beganNs -> totalNs += nowNs - beganNs);
        sinceNs.clear();
    }

    /** Of all vCPUs together. */
    long totalNs() {
        return totalNs;
    }
}
