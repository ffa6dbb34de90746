// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.loadtest.grpc;

import java.util.ArrayDeque;
import java.util.Queue;

/**
 * Lets so many calls be in flight at a time; the others wait in their order. All vCPUs of a guest boot at once, and a service
 * takes no more than some hundred calls from everybody together. Loop thread only.
 */
public final class CallQueue {
    private final int inFlightMax;
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private int inFlight;
    private boolean starting;

    /** Nothing in flight. */
    public CallQueue(int inFlightMax) {
        this.inFlightMax = inFlightMax;
    }

    /** Makes a call once fewer are in flight; it is to be {@link #ended}. */
    void start(Runnable call) {
        waiting.add(call);
        startWaiting();
    }

    /** A call was answered, or failed. */
    void ended() {
        inFlight--;
        startWaiting();
    }

    /* A call on a connection that is gone ends while it starts. */
    private void startWaiting() {
        if (starting) {
            return;
        }
        starting = true;
        while (inFlight < inFlightMax && !waiting.isEmpty()) {
            inFlight++;
            waiting.remove().run();
        }
        starting = false;
    }
}
