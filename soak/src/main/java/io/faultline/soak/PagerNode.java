// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak;

import io.faultline.processes.ServiceProcesses;
import io.faultline.soak.course.Watched;
import io.faultline.soak.strike.PagerTarget;

/** A pager process with small tiers, and the relay in front of it. One thread at a time. */
final class PagerNode extends ServiceNode implements PagerTarget {
    private final int managementPort;

    private PagerNode(ServiceProcesses processes, String name, String store, int managementPort) {
        super(
                processes,
                name,
                "pager-service",
                "--faultline.management.port=" + managementPort,
                "--faultline.pager.store=" + store,
                "--faultline.pager.dram-max-bytes=4194304",
                "--faultline.pager.compressed-max-bytes=1048576");
        this.managementPort = managementPort;
    }

    /** Starts one, and does not wait for it. */
    static PagerNode launch(ServiceProcesses processes, String name, String store) {
        return new PagerNode(processes, name, store, ServiceProcesses.freePort());
    }

    /** It, for a sampler. */
    Watched watched() {
        return Watched.service(name(), this::process, managementPort);
    }
}
