// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.cli;

import io.faultline.broker.BrokerMain;
import io.faultline.processes.ServiceProcesses;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The deployments that the commands' tests run against. For one thread. */
final class Processes implements AutoCloseable {
    private final Path logs;
    private final ServiceProcesses processes;

    Processes(Path logs) {
        this.logs = logs;
        processes = new ServiceProcesses(Path.of(".."), logs, List.of("-Xmx512m"));
    }

    /** A port that is free at this moment. */
    static int freePort() {
        return ServiceProcesses.freePort();
    }

    /** Starts a service from its executable jar and waits until its health is SERVING. */
    Process service(String name, int port, String... settings) {
        return processes.service(name, port, settings);
    }

    /**
     * Starts a broker and the three services, those first that others depend on, and waits until all serve.
     *
     * @param store the setting that says where the pager's pages go
     */
    Deployment deployment(String store) {
        Deployment ports = new Deployment(freePort(), freePort(), freePort(), freePort());
        main("broker", BrokerMain.class, BrokerMain.arguments(ports.broker(), logs.resolve("kafka")));
        String audit = "--faultline.audit.bootstrap-servers=127.0.0.1:" + ports.broker();
        String patience = "--faultline.audit.connect-timeout-ms=60000";
        service(
                "pager-service",
                ports.pager(),
                "--faultline.pager.dram-max-bytes=8388608",
                "--faultline.pager.compressed-max-bytes=1048576",
                store);
        service("notifier-service", ports.notifier(), audit, patience);
        service(
                "vcpu-service",
                ports.vcpu(),
                audit,
                patience,
                "--faultline.vcpu.pager-target=127.0.0.1:" + ports.pager(),
                "--faultline.vcpu.notifier-target=127.0.0.1:" + ports.notifier());
        return ports;
    }

    /** The ports of the three services and of their broker. */
    record Deployment(int vcpu, int pager, int notifier, int broker) {
        /** Replays the Redis recording against it, with an audit at the end; the command's exit code. */
        int replay(Path json, String... more) {
            List<String> arguments = new ArrayList<>(List.of(
                    "replay",
                    "--trace=../loadtest/traces/redis-swap.trace.gz",
                    "--vcpu=127.0.0.1:" + vcpu,
                    "--notifier=127.0.0.1:" + notifier,
                    "--bootstrap=127.0.0.1:" + broker,
                    "--json=" + json));
            arguments.addAll(List.of(more));
            return Faultline.commandLine().execute(arguments.toArray(String[]::new));
        }
    }

    /** Starts a class of the test's own class path. */
    Process main(String name, Class<?> main, String... arguments) {
        return processes.main(name, main, arguments);
    }

    @Override
    public void close() {
        processes.close();
    }
}
