// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.grpc;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What is under way to all pagers together. Written on the loop, read from any thread. */
final class PagerTally {
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicLong storesBytes = new AtomicLong();
    private final AtomicLong strays = new AtomicLong();
    private final AtomicLong timedOut = new AtomicLong();

    void opened() {
        open.setRelease(open.getPlain() + 1);
    }

    void closed() {
        open.setRelease(open.getPlain() - 1);
    }

    void storeSent(int bytes) {
        storesBytes.setRelease(storesBytes.getPlain() + bytes);
    }

    void storeEnded(int bytes) {
        storesBytes.setRelease(storesBytes.getPlain() - bytes);
    }

    void stray() {
        strays.setRelease(strays.getPlain() + 1);
    }

    void timedOut() {
        timedOut.setRelease(timedOut.getPlain() + 1);
    }

    /** Requests without an answer. */
    int requestsOpen() {
        return open.getAcquire();
    }

    /** Page bytes sent and not acknowledged. */
    long storesInFlightBytes() {
        return storesBytes.getAcquire();
    }

    /** Replies to requests that are not open (any more). */
    long repliesToNothing() {
        return strays.getAcquire();
    }

    /** Requests that were given up because a pager said nothing for too long. */
    long requestsTimedOut() {
        return timedOut.getAcquire();
    }
}
