// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app;

import io.faultline.audit.AuditLog;
import io.faultline.audit.AuditSource;
import io.faultline.rpc.Channels;
import io.faultline.rpc.ServiceLoop;
import io.faultline.rpc.StartNeed;
import io.faultline.rpc.StreamKind;
import io.faultline.rpc.StreamMeters;
import io.faultline.rpc.Turn;
import io.faultline.rpc.tls.PeerCredentials;
import io.faultline.telemetry.trace.TraceQueue;
import io.faultline.vcpu.app.config.VcpuProperties;
import io.faultline.vcpu.app.grpc.Backoff;
import io.faultline.vcpu.app.grpc.FaultDesk;
import io.faultline.vcpu.app.grpc.FaultEndpoint;
import io.faultline.vcpu.app.grpc.GrpcNotifier;
import io.faultline.vcpu.app.grpc.MemoryCalls;
import io.faultline.vcpu.app.grpc.Pagers;
import io.faultline.vcpu.app.grpc.VcpuMigrations;
import io.faultline.vcpu.app.grpc.VmEndpoint;
import io.faultline.vcpu.app.grpc.VmRegistrations;
import io.faultline.vcpu.app.host.FaultTimers;
import io.faultline.vcpu.app.host.FaultTraces;
import io.faultline.vcpu.app.host.MemoryImports;
import io.faultline.vcpu.app.host.Planes;
import io.faultline.vcpu.app.host.Ticker;
import io.faultline.vcpu.app.host.Vms;
import io.faultline.vcpu.app.metrics.PeerMetrics;
import io.faultline.vcpu.app.metrics.VcpuMetrics;
import io.faultline.vcpu.app.workingset.WorkingSetFiles;
import io.faultline.vcpu.app.workingset.WorkingSets;
import io.faultline.vcpu.domain.prefetch.WorkingSetBudget;
import io.grpc.ChannelCredentials;
import io.grpc.protobuf.services.HealthStatusManager;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Wires the service: VMs in the middle, the other planes below, clients above, all on one loop. What is closed on the loop
 * is closed by {@link VcpuLifecycle}, not by the context.
 */
@Configuration(proxyBeanMethods = false)
class VcpuConfiguration {
    @Bean
    AuditSource auditSource() {
        return new AuditSource("vcpu-service");
    }

    @Bean
    Vms vms(VcpuProperties properties) {
        return new Vms(properties.framesMaxBytes(), properties.vmsMax(), properties.vcpusMax());
    }

    @Bean
    StreamMeters streamMeters() {
        return new StreamMeters(StreamKind.RAISE, StreamKind.EXCHANGE, StreamKind.NOTIFY);
    }

    @Bean
    FaultTimers faultTimers() {
        return new FaultTimers();
    }

    @Bean
    FaultTraces faultTraces(VcpuProperties properties, TraceQueue queue) {
        return new FaultTraces(properties.traceOneIn(), queue);
    }

    @Bean
    FaultDesk faultDesk(ServiceLoop loop, Vms vms, FaultTimers timers, FaultTraces traces, VcpuProperties properties) {
        return new FaultDesk(
                vms,
                timers,
                traces,
                loop::nowNs,
                new FaultDesk.Limits(properties.faultsMax(), properties.clientFaultsMax()));
    }

    @Bean(destroyMethod = "")
    Pagers pagers(
            ServiceLoop loop,
            Turn turn,
            VcpuProperties properties,
            FaultTimers timers,
            StreamMeters meters,
            PeerCredentials credentials) {
        ChannelCredentials toPagers = credentials.toward("pager-service");
        return new Pagers(
                loop,
                turn,
                properties.pagerTarget(),
                new Pagers.Limits(properties.storesInFlightMaxBytes(), nanos(properties.pagerTimeoutMs())),
                address -> Channels.connect(loop, address, toPagers, meters.client()),
                () -> backoff(properties),
                timers);
    }

    @Bean(destroyMethod = "")
    GrpcNotifier notifier(
            ServiceLoop loop,
            Turn turn,
            Vms vms,
            VcpuProperties properties,
            StreamMeters meters,
            PeerCredentials credentials) {
        return new GrpcNotifier(
                loop,
                turn,
                Channels.connect(
                        loop, properties.notifierTarget(), credentials.toward("notifier-service"), meters.client()),
                vms,
                backoff(properties),
                nanos(properties.notifierTimeoutMs()));
    }

    @Bean
    StartNeed pagerReached(Pagers pagers, VcpuProperties properties) {
        return new StartNeed("a pager-service of " + properties.pagerTarget(), pagers::isConnected);
    }

    @Bean
    StartNeed notifierReached(GrpcNotifier notifier, VcpuProperties properties) {
        return new StartNeed("notifier-service at " + properties.notifierTarget(), notifier::isConnected);
    }

    @Bean
    Planes planes(FaultDesk desk, Pagers pagers, GrpcNotifier notifier, AuditLog audit) {
        return new Planes(desk, pagers, notifier, audit);
    }

    @Bean
    WorkingSets workingSets(ServiceLoop loop, Vms vms, VcpuProperties properties) {
        WorkingSetBudget budget =
                new WorkingSetBudget(properties.workingSetPagesMax(), properties.workingSetPagesPerS());
        String directory = properties.workingSetDirectory();
        return new WorkingSets(loop, vms, budget, directory.isEmpty() ? null : new WorkingSetFiles(Path.of(directory)));
    }

    @Bean
    VmRegistrations vmRegistrations(
            ServiceLoop loop, Vms vms, Planes planes, WorkingSets workingSets, VcpuProperties properties) {
        return new VmRegistrations(
                loop,
                Clock.systemUTC(),
                vms,
                planes,
                workingSets,
                new VmRegistrations.Settings(
                        nanos(properties.peerWaitMs()), properties.prefetchPagesMax(), properties.clientVmsMax()));
    }

    @Bean
    VcpuMigrations vcpuMigrations(ServiceLoop loop, GrpcNotifier notifier) {
        return new VcpuMigrations(loop, notifier);
    }

    @Bean(destroyMethod = "close")
    MemoryImports memoryImports(ServiceLoop loop, Planes planes) {
        return new MemoryImports(loop, planes.tiers());
    }

    @Bean
    MemoryCalls memoryCalls(ServiceLoop loop, VcpuProperties properties) {
        return new MemoryCalls(loop, properties.memoryCallsMaxBytes());
    }

    @Bean
    VmEndpoint vmEndpoint(
            ServiceLoop loop,
            Vms vms,
            VmRegistrations registrations,
            VcpuMigrations migrations,
            MemoryCalls memory,
            MemoryImports imports) {
        return new VmEndpoint(loop, vms, registrations, migrations, memory, imports);
    }

    @Bean
    FaultEndpoint faultEndpoint(ServiceLoop loop, Turn turn, FaultDesk desk, VcpuProperties properties) {
        return new FaultEndpoint(loop, turn, desk, properties.faultsInFlightMax(), properties.streamsMax());
    }

    @Bean
    Ticker ticker(ServiceLoop loop, Vms vms, VcpuProperties properties) {
        return new Ticker(loop, vms, nanos(properties.tickMs()));
    }

    @Bean
    VcpuMetrics vcpuMetrics(ServiceLoop loop, Vms vms, FaultDesk desk, WorkingSets workingSets) {
        return new VcpuMetrics(loop, vms, desk, workingSets);
    }

    @Bean
    PeerMetrics peerMetrics(Pagers pagers, GrpcNotifier notifier) {
        return new PeerMetrics(pagers, notifier);
    }

    @Bean
    GracefulEnd gracefulEnd(
            ServiceLoop loop, Vms vms, FaultEndpoint faults, VmRegistrations registrations, VcpuProperties properties) {
        return new GracefulEnd(loop, vms, faults, registrations, properties);
    }

    @Bean
    VcpuLifecycle vcpuLifecycle(
            ServiceLoop loop,
            Pagers pagers,
            GrpcNotifier notifier,
            VcpuLifecycle.Background background,
            GracefulEnd end,
            ObjectProvider<HealthStatusManager> health) {
        return new VcpuLifecycle(loop, pagers, notifier, background, end, health);
    }

    @Bean
    VcpuLifecycle.Background background(Ticker ticker, VcpuMetrics metrics, WorkingSets workingSets) {
        return new VcpuLifecycle.Background(ticker, metrics, workingSets);
    }

    private static Backoff backoff(VcpuProperties properties) {
        return new Backoff(nanos(properties.reconnectMinMs()), nanos(properties.reconnectMaxMs()));
    }

    private static long nanos(long ms) {
        return Duration.ofMillis(ms).toNanos();
    }
}
