// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak;

import io.faultline.processes.ServiceProcesses;
import io.faultline.processes.Signals;
import io.faultline.soak.network.Relay;
import io.faultline.soak.strike.PagerTarget;

/** A pager process with small tiers, and the relay in front of it. One thread at a time. */
final class PagerNode implements PagerTarget, AutoCloseable {
    private static final String SERVICE = "pager-service";

    private final ServiceProcesses processes;
    private final String name;
    private final String store;
    private final int port = ServiceProcesses.freePort();
    private final Relay relay = Relay.start(port);
    private Process process;
    private boolean isFrozen;

    private PagerNode(ServiceProcesses processes, String name, String store) {
        this.processes = processes;
        this.name = name;
        this.store = store;
        process = launch();
    }

    /** Starts one, and does not wait for it. */
    static PagerNode launch(ServiceProcesses processes, String name, String store) {
        return new PagerNode(processes, name, store);
    }

    private Process launch() {
        return processes.launch(
                name,
                SERVICE,
                port,
                "--faultline.pager.store=" + store,
                "--faultline.pager.dram-max-bytes=4194304",
                "--faultline.pager.compressed-max-bytes=1048576");
    }

    void awaitServing() {
        processes.awaitServing(name, process, port);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Relay relay() {
        return relay;
    }

    @Override
    public void kill() {
        Signals.kill(process);
    }

    @Override
    public void restart() {
        process = launch();
        awaitServing();
    }

    @Override
    public void freeze() {
        Signals.freeze(process);
        isFrozen = true;
    }

    @Override
    public void thaw() {
        Signals.thaw(process);
        isFrozen = false;
    }

    /** Lets go of it; whoever started its process ends it. */
    @Override
    public void close() {
        if (isFrozen) {
            thaw();
        }
        relay.close();
    }
}
