// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak;

import io.faultline.broker.BrokerMain;
import io.faultline.loadtest.replay.ReplaySettings;
import io.faultline.processes.ServiceProcesses;
import io.faultline.soak.course.Watched;
import io.faultline.soak.network.Relay;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The whole system as processes on loopback: a Kafka broker, a Redis Cluster of six, pagers, a notifier-service and a
 * vcpu-service; with a {@link Relay} in front of every pager and every Redis server. Started and closed by one thread.
 */
final class SoakSystem implements AutoCloseable {
    private static final String HEAP = "-Xmx256m";
    private static final String LOOPBACK = "127.0.0.1:";
    /** A silent pager is passed over sooner than by default, so that silence happens within a strike's time. */
    private static final int PAGER_TIMEOUT_MS = 2_000;

    private final ServiceProcesses processes;
    private final RedisShards store;
    private final List<PagerNode> pagers = new ArrayList<>();
    private final int brokerPort = ServiceProcesses.freePort();
    private final int notifierPort = ServiceProcesses.freePort();
    private final int vcpuPort = ServiceProcesses.freePort();
    private final int vcpuManagementPort = ServiceProcesses.freePort();
    private final int notifierManagementPort = ServiceProcesses.freePort();

    @SuppressWarnings("NullAway.Init") // Set by start.
    private Process notifier;

    @SuppressWarnings("NullAway.Init") // Set by start.
    private Process vcpu;

    private SoakSystem(Path home, Path logs, RedisShards store) {
        this.store = store;
        processes = new ServiceProcesses(home, logs, List.of(HEAP));
    }

    /**
     * Starts everything and waits until it serves.
     *
     * @param starting hears of each part before it is started
     */
    static SoakSystem start(Path home, Path directory, Consumer<String> starting) throws IOException {
        Path logs = Files.createDirectories(directory.resolve("logs"));
        Path redis = Files.createDirectories(directory.resolve("redis"));
        starting.accept("a Redis Cluster of six");
        RedisShards store = RedisShards.start(redis);
        SoakSystem system = new SoakSystem(home, logs, store);
        try {
            system.start(directory, starting);
            return system;
        } catch (RuntimeException e) {
            try {
                system.close();
            } catch (RuntimeException further) {
                e.addSuppressed(further);
            }
            throw e;
        }
    }

    private void start(Path directory, Consumer<String> starting) {
        starting.accept("a Kafka broker");
        processes.main("broker", BrokerMain.class, BrokerMain.arguments(brokerPort, directory.resolve("kafka")));
        starting.accept(SoakSettings.PAGERS + " pagers, notifier-service and vcpu-service");
        for (int i = 0; i < SoakSettings.PAGERS; i++) {
            pagers.add(PagerNode.launch(processes, "pager-" + i, store.url()));
        }
        String audit = "--faultline.audit.bootstrap-servers=" + bootstrap();
        String patience = "--faultline.audit.connect-timeout-ms=60000";
        notifier = processes.launch(
                "notifier-service",
                "notifier-service",
                notifierPort,
                audit,
                patience,
                "--faultline.management.port=" + notifierManagementPort);
        vcpu = processes.launch(
                "vcpu-service",
                "vcpu-service",
                vcpuPort,
                audit,
                patience,
                "--faultline.management.port=" + vcpuManagementPort,
                "--faultline.vcpu.pager-timeout-ms=" + PAGER_TIMEOUT_MS,
                "--faultline.vcpu.pager-target=" + pagerTargets(),
                "--faultline.vcpu.notifier-target=" + LOOPBACK + notifierPort);
        pagers.forEach(PagerNode::awaitServing);
        processes.awaitServing("notifier-service", notifier, notifierPort);
        processes.awaitServing("vcpu-service", vcpu, vcpuPort);
    }

    private String pagerTargets() {
        return pagers.stream().map(pager -> pager.relay().address()).collect(Collectors.joining(","));
    }

    /** Where guests find it. */
    ReplaySettings.Services services() {
        return new ReplaySettings.Services(LOOPBACK + vcpuPort, LOOPBACK + notifierPort);
    }

    /** The broker that has its audit trail. */
    String bootstrap() {
        return LOOPBACK + brokerPort;
    }

    List<PagerNode> pagers() {
        return List.copyOf(pagers);
    }

    RedisShards store() {
        return store;
    }

    /** What vcpu-service counted so far. */
    VcpuMeters meters() throws IOException {
        return VcpuMeters.read(vcpuManagementPort);
    }

    /** Every service, for a sampler. */
    List<Watched> watched() {
        List<Watched> watched = new ArrayList<>();
        watched.add(
                Watched.service("vcpu-service", () -> vcpu, vcpuManagementPort).withFaults());
        watched.add(Watched.service("notifier-service", () -> notifier, notifierManagementPort));
        pagers.forEach(pager -> watched.add(pager.watched()));
        return watched;
    }

    /** Ends the two planes that write the audit trail in good order, so that it is whole. */
    void endPlanes() {
        ServiceProcesses.end(vcpu);
        ServiceProcesses.end(notifier);
    }

    /** Ends every process. */
    @Override
    public void close() {
        pagers.forEach(PagerNode::close);
        try {
            processes.close();
        } finally {
            store.close();
        }
    }
}
