// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app.host;

import io.faultline.rpc.ServiceLoop;

/**
 * Lets time pass for the VMs: often while anything waits that only time may end, ten times as seldom while nothing does.
 * Loop thread only.
 */
public final class Ticker {
    private static final int IDLE_FACTOR = 10;

    private final ServiceLoop loop;
    private final Vms vms;
    private final long tickNs;
    private boolean stopped;

    /** A ticker that does nothing before {@link #start}. */
    public Ticker(ServiceLoop loop, Vms vms, long tickNs) {
        this.loop = loop;
        this.vms = vms;
        this.tickNs = tickNs;
    }

    /** Begins to tick. */
    public void start() {
        if (stopped) {
            return;
        }
        boolean waiting = true;
        try {
            waiting = vms.tick(loop.nowNs());
        } finally {
            loop.executeAfter(this::start, waiting ? tickNs : IDLE_FACTOR * tickNs);
        }
    }

    /** Ends it for good. */
    public void stop() {
        stopped = true;
    }
}
