// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.peers.faults;

import io.faultline.model.Token;

/** One vCPU of the guest and the fault that it waits for. Loop thread only. */
final class GuestVcpu {
    private static final int DECIDED = 1;
    private static final int TOLD = 2;
    private static final int READY = 4;
    private static final int ACKNOWLEDGED = 8;
    private static final int RESOLVED = 16;

    final int id;
    final GuestCalls calls;
    private long raisedNs;
    private long sequence;
    private int token;
    private int seen;

    GuestVcpu(int id) {
        this.id = id;
        calls = new GuestCalls(id);
    }

    /** Touches a page. */
    void raise(long faultSequence) {
        sequence = faultSequence;
        raisedNs = System.nanoTime();
        token = Token.NONE;
        seen = 0;
    }

    long raisedNs() {
        return raisedNs;
    }

    /** The outcome says that it may run on. */
    void decided(long faultSequence, int asyncToken, FaultWindow window) {
        require(faultSequence == sequence, "ASYNC of another fault");
        requireToken(asyncToken);
        see(DECIDED);
        window.decided(System.nanoTime() - raisedNs);
    }

    /** The event's handler runs. */
    void told(int eventToken, FaultWindow window) {
        requireToken(eventToken);
        see(TOLD);
        window.told(System.nanoTime() - raisedNs);
    }

    /** The page-ready interrupt is taken. */
    void ready(int readyToken, FaultWindow window) {
        require((seen & TOLD) != 0, "page-ready before the event");
        requireToken(readyToken);
        see(READY);
        window.ready(System.nanoTime() - raisedNs);
    }

    /** The acknowledgement has returned. Returns whether the fault is over. */
    boolean acknowledged() {
        require((seen & READY) != 0, "an acknowledgement before page-ready");
        see(ACKNOWLEDGED);
        return (seen & RESOLVED) != 0;
    }

    /** The outcome says that the token ended by page-ready. Returns whether the fault is over. */
    boolean resolved(long faultSequence, int endedToken, FaultWindow window) {
        require(faultSequence == sequence, "RESOLVED of another fault");
        requireToken(endedToken);
        see(RESOLVED);
        window.resolved(System.nanoTime() - raisedNs);
        return (seen & ACKNOWLEDGED) != 0;
    }

    /** The fault ended, and the guest was never told of it. */
    void endedUntold(long faultSequence) {
        require(faultSequence == sequence, "the end of another fault");
        require((seen & TOLD) == 0, "an end without page-ready of a fault that the guest was told of");
    }

    private void see(int what) {
        require((seen & what) == 0, "the same twice (" + what + ")");
        seen |= what;
    }

    private void requireToken(int said) {
        require(Token.isIssuable(said) && Token.vcpuId(said) == id, "token " + Token.format(said));
        require(token == Token.NONE || token == said, Token.format(said) + " in place of " + Token.format(token));
        token = said;
    }

    private void require(boolean holds, String what) {
        if (!holds) {
            throw new IllegalStateException("vCPU " + id + ", fault " + sequence + ": " + what);
        }
    }
}
