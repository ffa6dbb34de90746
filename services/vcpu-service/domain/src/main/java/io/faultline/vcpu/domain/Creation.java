// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.domain;

import io.faultline.model.Refusal;

/** Whether the notifier refused to create a vCPU, and when to ask again. Owned by the VM's thread. */
/*
 * The two ends of a broken connection notice in their own time. A fault plane that is connected again before the notifier
 * has noticed the break finds its vCPUs owned by its own dead connection; nothing but asking again tells it when that is
 * over. The same holds of a notifier that has no room just now.
 */
final class Creation {
    static final long BACKOFF_MIN_NS = 10_000_000;
    static final long BACKOFF_MAX_NS = 1_000_000_000;

    private boolean refused;
    private boolean asked;
    private long retryAtNs;
    private long backoffNs = BACKOFF_MIN_NS;

    /** Whether a refusal may be of a creation and pass. */
    static boolean isWorthRepeating(Refusal refusal) {
        return refusal == Refusal.OWNED_ELSEWHERE || refusal == Refusal.LIMIT;
    }

    void refused(long nowNs) {
        refused = true;
        asked = false;
        retryAtNs = nowNs + backoffNs;
        backoffNs = Math.min(2 * backoffNs, BACKOFF_MAX_NS);
    }

    /** The connection is gone, or it holds: nothing is to be asked again. */
    void forget() {
        refused = false;
        asked = false;
        backoffNs = BACKOFF_MIN_NS;
    }

    boolean isRefused() {
        return refused;
    }

    /** Whether it is time to ask again; true once. */
    boolean isDue(long nowNs) {
        if (!refused || asked || nowNs < retryAtNs) {
            return false;
        }
        asked = true;
        return true;
    }
}
