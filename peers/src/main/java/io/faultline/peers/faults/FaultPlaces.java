// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.peers.faults;

import io.faultline.peers.CpuMeter;
import io.faultline.peers.Workplace;
import io.faultline.peers.pages.PageSet;
import io.faultline.processes.Exposition;
import io.faultline.processes.ServiceProcesses;
import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Starts what faults are raised against: the three services, or bare servers in their places. For one thread. */
final class FaultPlaces {
    /** A quarter of the pages is resident: the one touched longest ago has left when its turn comes again. */
    private static final int PAGES_A_RESIDENT_PAGE = 4;

    private static final Duration METRICS_TIMEOUT = Duration.ofSeconds(10);

    private final Workplace place;
    private final int vcpus;
    private final int pages;
    /** Where services that keep an audit trail tell their metrics. */
    private final List<Integer> auditedPorts = new ArrayList<>();

    FaultPlaces(Workplace place, int vcpus, int pages) {
        this.place = place;
        this.vcpus = vcpus;
        this.pages = pages;
    }

    int pages() {
        return pages;
    }

    /**
     * A guest of three services of its own, which is up.
     *
     * @param brokerPort where the broker is that takes the audit trail; 0 for no trail
     */
    GuestLoad services(String name, ServiceProcesses processes, int brokerPort) throws Exception {
        int vcpuPort = ServiceProcesses.freePort();
        int pagerPort = ServiceProcesses.freePort();
        int notifierPort = ServiceProcesses.freePort();
        long bytes = (long) pages * PageSet.PAGE_BYTES;
        Process pager = processes.service(
                "pager-service",
                pagerPort,
                "--faultline.pager.store=memory",
                "--faultline.pager.memory-store-max-bytes=" + 2 * bytes,
                "--faultline.pager.dram-max-bytes=" + (bytes + bytes / 4),
                "--faultline.pager.compressed-max-bytes=0");
        Process notifier = processes.service("notifier-service", notifierPort, audit(brokerPort));
        Process vcpu = processes.service(
                "vcpu-service",
                vcpuPort,
                Stream.concat(
                                Stream.of(audit(brokerPort)),
                                Stream.of(
                                        "--faultline.vcpu.pager-target=127.0.0.1:" + pagerPort,
                                        "--faultline.vcpu.notifier-target=127.0.0.1:" + notifierPort))
                        .toArray(String[]::new));
        CpuMeter cpu = new CpuMeter()
                .watch("vcpu", vcpu.toHandle())
                .watch("pager", pager.toHandle())
                .watch("notifier", notifier.toHandle());
        GuestLoad guest = place.add(new GuestLoad(name, setting(vcpuPort, notifierPort), cpu));
        guest.boot();
        return guest;
    }

    /** A guest of bare servers, attached. */
    GuestLoad bare(String name) throws Exception {
        int vcpuPort = ServiceProcesses.freePort();
        int pagerPort = ServiceProcesses.freePort();
        int notifierPort = ServiceProcesses.freePort();
        ProcessHandle pager = place.bare("codec-pager", pagerPort, Integer.toString(pages));
        ProcessHandle notifier = place.bare("notifier", notifierPort);
        ProcessHandle vcpu = place.bare("vcpu", vcpuPort, Integer.toString(pagerPort), Integer.toString(notifierPort));
        CpuMeter cpu = new CpuMeter().watch("vcpu", vcpu).watch("pager", pager).watch("notifier", notifier);
        GuestLoad guest = place.add(new GuestLoad(name, setting(vcpuPort, notifierPort), cpu));
        guest.attach();
        return guest;
    }

    /**
     * How many audit steps were kept and how many lost, of all services that keep them.
     *
     * @throws IOException if a service does not answer
     * @throws IllegalStateException if it does not tell
     */
    String auditSteps() throws IOException, InterruptedException {
        double kept = 0;
        double lost = 0;
        try (HttpClient client = HttpClient.newHttpClient()) {
            for (int port : auditedPorts) {
                Exposition metrics = Exposition.read(client, port, METRICS_TIMEOUT);
                kept += metrics.sum("faultline_audit_steps_total");
                lost += metrics.sum("faultline_audit_dropped_total");
            }
        }
        return "%,.0f appended, %,.0f lost".formatted(kept, lost);
    }

    private String[] audit(int brokerPort) {
        if (brokerPort == 0) {
            return new String[] {"--faultline.audit.enabled=false"};
        }
        int managementPort = ServiceProcesses.freePort();
        auditedPorts.add(managementPort);
        return new String[] {
            "--faultline.audit.bootstrap-servers=127.0.0.1:" + brokerPort,
            "--faultline.audit.connect-timeout-ms=60000",
            "--faultline.management.port=" + managementPort
        };
    }

    private GuestSetting setting(int vcpuPort, int notifierPort) {
        return new GuestSetting(
                "127.0.0.1:" + vcpuPort, "127.0.0.1:" + notifierPort, 1, vcpus, pages, pages / PAGES_A_RESIDENT_PAGE);
    }
}
