// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.soak.loss;

import io.faultline.broker.BrokerMain;
import io.faultline.loadtest.replay.ReplaySettings;
import io.faultline.processes.Exposition;
import io.faultline.processes.Ports;
import io.faultline.processes.ServiceProcesses;
import io.faultline.processes.Signals;
import io.faultline.soak.ServiceNode;
import io.faultline.soak.clock.SteppedClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A vcpu-service, a pager-service, a notifier-service and a Kafka broker as processes on loopback, set as they come but for
 * small tiers and a spool for the audit, with a relay in front of each service. Started and closed by one thread.
 */
final class LossSystem implements AutoCloseable {
    private static final String HEAP = "-Xmx256m";
    private static final String LOOPBACK = "127.0.0.1:";
    private static final long LOOK_NS = 2_000_000;
    private static final long REFUSAL_TIMEOUT_NS = 120_000_000_000L;
    private static final Duration SCRAPE_TIMEOUT = Duration.ofSeconds(5);
    private static final long BROKER_TIMEOUT_NS = 60_000_000_000L;

    private final Path directory;
    private final ServiceProcesses brokers;
    private final ServiceProcesses services;
    private final int brokerPort = ServiceProcesses.freePort();
    private final int pagerManagementPort = ServiceProcesses.freePort();
    private final @Nullable LossRedis redis;
    private final @Nullable SmallDisk disk;
    private final @Nullable SteppedClock clock;
    private Process broker;

    @SuppressWarnings("NullAway.Init") // Set by start.
    private ServiceNode pager;

    @SuppressWarnings("NullAway.Init") // Set by start.
    private ServiceNode notifier;

    @SuppressWarnings("NullAway.Init") // Set by start.
    private ServiceNode vcpu;

    private LossSystem(Path home, Path directory, Setup setup) throws IOException {
        this.directory = directory;
        Path logs = Files.createDirectories(directory.resolve("logs"));
        disk = setup.volume() == Setup.Volume.NONE ? null : SmallDisk.mount(directory.resolve("disk"));
        redis = setup.hasRedis() ? LossRedis.start(Files.createDirectories(directory.resolve("redis"))) : null;
        brokers = new ServiceProcesses(home, logs, List.of(HEAP));
        clock = setup.isClockStepped() ? SteppedClock.in(directory.resolve("clock")) : null;
        services = new ServiceProcesses(home, logs, clock == null ? List.of(HEAP) : List.of(HEAP, clock.jvmOption()));
        broker = launchBroker();
    }

    /**
     * Starts everything and waits until it serves.
     *
     * @param starting hears of what is started
     */
    static LossSystem start(Path home, Path directory, Setup setup, Consumer<String> starting) throws IOException {
        starting.accept("Starting three services and a broker" + (setup.hasRedis() ? ", a Redis Cluster of six" : ""));
        LossSystem system = new LossSystem(home, directory, setup);
        try {
            system.startServices(setup);
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

    private void startServices(Setup setup) {
        Path spools = setup.volume() == Setup.Volume.SPOOL ? disk().directory() : directory.resolve("spool");
        Path rocksdb = setup.volume() == Setup.Volume.ROCKSDB ? disk().directory() : directory.resolve("rocksdb");
        pager = new ServiceNode(
                services,
                "pager-service",
                "pager-service",
                "--faultline.pager.store=" + (redis == null ? "rocksdb" : redis.url()),
                "--faultline.pager.rocksdb-directory=" + rocksdb.resolve("pages"),
                "--faultline.pager.dram-max-bytes=4194304",
                "--faultline.pager.compressed-max-bytes=1048576",
                "--faultline.management.port=" + pagerManagementPort);
        String[] audit = {
            "--faultline.audit.bootstrap-servers=" + bootstrap(),
            "--faultline.audit.connect-timeout-ms=60000",
            "--faultline.audit.spool-directory=" + spools
        };
        notifier = new ServiceNode(services, "notifier-service", "notifier-service", audit);
        vcpu = new ServiceNode(
                services,
                "vcpu-service",
                "vcpu-service",
                audit[0],
                audit[1],
                audit[2],
                "--faultline.vcpu.pager-target=" + pager.relay().address(),
                "--faultline.vcpu.notifier-target=" + notifier.relay().address());
        nodes().forEach(ServiceNode::awaitServing);
    }

    private Process launchBroker() {
        return brokers.main("broker", BrokerMain.class, BrokerMain.arguments(brokerPort, directory.resolve("kafka")));
    }

    /** The broker that has the audit trail, {@code host:port}. */
    String bootstrap() {
        return LOOPBACK + brokerPort;
    }

    /** Where guests find the services. */
    ReplaySettings.Services services() {
        return new ReplaySettings.Services(
                vcpu.relay().address(), notifier.relay().address());
    }

    ServiceNode vcpu() {
        return vcpu;
    }

    ServiceNode pager() {
        return pager;
    }

    ServiceNode notifier() {
        return notifier;
    }

    /** The three services. */
    List<ServiceNode> nodes() {
        return List.of(pager, notifier, vcpu);
    }

    LossRedis redis() {
        return there("Redis Cluster", redis);
    }

    SmallDisk disk() {
        return there("small disk", disk);
    }

    SteppedClock clock() {
        return there("stepped clock", clock);
    }

    private static <T> T there(String what, @Nullable T part) {
        if (part == null) {
            throw new IllegalStateException(what + ": none (expected: a setup with one)");
        }
        return part;
    }

    /** Fills the disk under RocksDB and waits until a page could not be stored. */
    void fillDiskUntilStoresAreRefused() {
        SmallDisk full = disk();
        full.fill();
        long deadlineNs = System.nanoTime() + REFUSAL_TIMEOUT_NS;
        try (HttpClient client = HttpClient.newHttpClient()) {
            while (storesRefused(client) == 0) {
                if (System.nanoTime() - deadlineNs > 0) {
                    throw new IllegalStateException("the disk is full, and no store was refused");
                }
                LockSupport.parkNanos(LOOK_NS);
            }
        }
    }

    private double storesRefused(HttpClient client) {
        try {
            return Exposition.read(client, pagerManagementPort, SCRAPE_TIMEOUT)
                    .sum("faultline_pager_store_write_seconds_count", "outcome", "unavailable");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted");
        }
    }

    void killBroker() {
        Signals.kill(broker);
    }

    /** Starts the broker again and waits until it listens. */
    void restartBroker() {
        broker = launchBroker();
        long deadlineNs = System.nanoTime() + BROKER_TIMEOUT_NS;
        while (Ports.isFree(brokerPort)) {
            if (!broker.isAlive() || System.nanoTime() - deadlineNs > 0) {
                throw new IllegalStateException("the broker does not come back, its log is in " + directory);
            }
            LockSupport.parkNanos(LOOK_NS);
        }
    }

    /** Ends the two planes that write the audit trail in good order, so that it is whole. */
    void endPlanes() {
        vcpu.end();
        notifier.end();
    }

    /** Ends every process, and gives back what was taken of the machine. */
    @Override
    public void close() {
        try (var _ = disk;
                var _ = redis;
                var _ = brokers;
                var _ = services) {
            if (vcpu != null) {
                nodes().forEach(ServiceNode::close);
            }
        }
    }
}
