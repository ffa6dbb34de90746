// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

/** Waits that double from a least to a most, until something succeeded. Loop thread only. */
public final class Backoff {
    private final long minNs;
    private final long maxNs;
    private long nextNs;

    /** Waits from {@code minNs} to {@code maxNs}. */
    public Backoff(long minNs, long maxNs) {
        this.minNs = minNs;
        this.maxNs = maxNs;
        this.nextNs = minNs;
    }

    /** How long to wait after one more failure, in nanoseconds. */
    long nextNs() {
        long waitNs = nextNs;
        nextNs = Math.min(maxNs, 2 * nextNs);
        return waitNs;
    }

    /** Something succeeded: the next wait is the least again. */
    void reset() {
        nextNs = minNs;
    }
}
