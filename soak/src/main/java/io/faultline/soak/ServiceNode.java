// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak;

import io.faultline.processes.ServiceProcesses;
import io.faultline.processes.Signals;
import io.faultline.soak.network.Relay;

/**
 * A service as a process, and the relay in front of it: killed, started again with the same settings, frozen. One thread at a
 * time, but for {@link #process}.
 */
public class ServiceNode implements AutoCloseable {
    private final ServiceProcesses processes;
    private final String name;
    private final String service;
    private final String[] settings;
    private final int port = ServiceProcesses.freePort();
    private final Relay relay = Relay.start(port);
    private volatile Process process;
    private boolean isFrozen;

    /**
     * Starts one, and does not wait for it.
     *
     * @param name names it in its log file's name
     * @param service the service, such as {@code pager-service}
     * @param settings as on its command line
     */
    public ServiceNode(ServiceProcesses processes, String name, String service, String... settings) {
        this.processes = processes;
        this.name = name;
        this.service = service;
        this.settings = settings.clone();
        process = launch();
    }

    private Process launch() {
        return processes.launch(name, service, port, settings);
    }

    /** Waits until it serves. */
    public void awaitServing() {
        processes.awaitServing(name, process, port);
    }

    /** What people call it. */
    public String name() {
        return name;
    }

    /** It, as it runs now or ran last; on any thread. */
    public Process process() {
        return process;
    }

    /** The network in front of it. */
    public Relay relay() {
        return relay;
    }

    /** Ends it as a crash does. */
    public void kill() {
        Signals.kill(process);
    }

    /** Starts it again and waits until it serves. */
    public void restart() {
        process = launch();
        awaitServing();
    }

    /** Stops it without ending it. */
    public void freeze() {
        Signals.freeze(process);
        isFrozen = true;
    }

    /** Lets it go on. */
    public void thaw() {
        Signals.thaw(process);
        isFrozen = false;
    }

    /** Ends it in good order. */
    public void end() {
        ServiceProcesses.end(process);
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
