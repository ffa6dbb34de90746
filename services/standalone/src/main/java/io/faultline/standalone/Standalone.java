// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.standalone;

import io.faultline.broker.EmbeddedBroker;
import io.faultline.notifier.app.NotifierService;
import io.faultline.pager.app.PagerService;
import io.faultline.pager.app.store.SwapStore;
import io.faultline.rpc.ServiceLoop;
import io.faultline.telemetry.http.ManagementLifecycle;
import io.faultline.vcpu.app.VcpuService;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;

/**
 * The three services, each a Spring context of its own with its own port, on one shared loop, and their broker. They know
 * of each other only what separate processes would: an address. Started and closed by one thread.
 */
public final class Standalone implements AutoCloseable {
    /** All threads share few cores here, so the audit's thread may be kept waiting longer than beside a service alone. */
    private static final int AUDIT_RING_STEPS = 1 << 18;

    private final StandaloneSettings settings;
    private final ServiceLoop loop = ServiceLoop.start("faultline");
    private final Deque<ConfigurableApplicationContext> services = new ArrayDeque<>();
    private @Nullable EmbeddedBroker broker;
    private @Nullable SwapStore swapStore;
    private String bootstrapServers = "";
    private Addresses vcpu = Addresses.NONE;
    private Addresses pager = Addresses.NONE;
    private Addresses notifier = Addresses.NONE;

    private Standalone(StandaloneSettings settings) {
        this.settings = settings;
    }

    /**
     * Starts everything, in the order in which it depends on each other.
     *
     * @param progress is told of each part before it starts, in a few words for a person
     * @throws IllegalStateException when a part cannot start: what has started is closed again, the cause says why
     */
    public static Standalone start(StandaloneSettings settings, Consumer<String> progress) {
        Standalone standalone = new Standalone(settings);
        try {
            Files.createDirectories(settings.dataDirectory());
            standalone.startBroker(progress);
            standalone.startServices(progress);
            return standalone;
        } catch (IOException | RuntimeException failure) {
            standalone.close();
            throw new IllegalStateException("the standalone system cannot start", failure);
        }
    }

    private void startBroker(Consumer<String> progress) {
        if (settings.bootstrapServers() != null) {
            bootstrapServers = settings.bootstrapServers();
            return;
        }
        progress.accept("Kafka broker (KRaft)");
        broker = EmbeddedBroker.start(
                settings.dataDirectory().resolve("kafka"), settings.ports().broker());
        bootstrapServers = broker.bootstrapServers();
    }

    private void startServices(Consumer<String> progress) {
        StandaloneSettings.Ports ports = settings.ports();
        progress.accept("pager-service (" + settings.swapStore() + ")");
        pager = start(
                PagerService.class,
                "pager-service",
                "--spring.grpc.server.port=" + ports.pager(),
                "--faultline.management.port=" + ports.management().pager(),
                "--faultline.pager.store=" + settings.swapStore(),
                "--faultline.pager.dram-max-bytes=" + settings.dramMaxBytes(),
                "--faultline.pager.compressed-max-bytes=" + settings.compressedMaxBytes(),
                "--faultline.pager.rocksdb-directory="
                        + settings.dataDirectory().resolve("rocksdb").toAbsolutePath());
        swapStore = services.getFirst().getBean(SwapStore.class);
        progress.accept("notifier-service");
        notifier = start(
                NotifierService.class,
                "notifier-service",
                "--spring.grpc.server.port=" + ports.notifier(),
                "--faultline.management.port=" + ports.management().notifier());
        progress.accept("vcpu-service");
        vcpu = start(
                VcpuService.class,
                "vcpu-service",
                "--spring.grpc.server.port=" + ports.vcpu(),
                "--faultline.management.port=" + ports.management().vcpu(),
                "--faultline.vcpu.pager-target=" + pager.grpc(),
                "--faultline.vcpu.notifier-target=" + notifier.grpc());
    }

    private Addresses start(Class<?> service, String name, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "--spring.grpc.server.address=127.0.0.1",
                "--faultline.management.address=127.0.0.1",
                "--faultline.audit.bootstrap-servers=" + bootstrapServers,
                "--faultline.audit.ring-steps=" + AUDIT_RING_STEPS,
                "--logging.file.name=" + logFile().toAbsolutePath(),
                "--logging.threshold.console=OFF"));
        arguments.addAll(List.of(more));
        StandaloneSettings.Traces traces = settings.traces();
        if (traces != null) {
            arguments.add("--faultline.telemetry.otlp-endpoint=" + traces.otlpEndpoint());
            arguments.add("--faultline.vcpu.trace-one-in=" + traces.oneIn());
        }
        arguments.addAll(tls(name));
        arguments.addAll(settings.more());
        if (settings.prefetchPagesMax() != null) {
            arguments.add("--faultline.vcpu.prefetch-pages-max=" + settings.prefetchPagesMax());
        }
        ConfigurableApplicationContext context = new SpringApplicationBuilder(service)
                .properties("spring.config.name=" + name)
                .web(WebApplicationType.NONE)
                .registerShutdownHook(false)
                .initializers(made -> made.getBeanFactory().registerSingleton("serviceLoop", loop))
                .run(arguments.toArray(String[]::new));
        services.push(context);
        return new Addresses(
                "127.0.0.1:" + context.getBean(GrpcServerLifecycle.class).getPort(),
                "127.0.0.1:" + context.getBean(ManagementLifecycle.class).port());
    }

    /** Each service's own certificate; without, not the environment's either, which could be of one of them only. */
    private List<String> tls(String name) {
        Path directory = settings.tlsDirectory();
        Path own = directory == null ? null : directory.resolve("service-" + name);
        return List.of(
                "--faultline.tls.ca-file=" + (own == null ? "" : own.resolve("ca.pem")),
                "--faultline.tls.certificate-file=" + (own == null ? "" : own.resolve("tls.pem")),
                "--faultline.tls.key-file=" + (own == null ? "" : own.resolve("tls.key")));
    }

    /** Where the services and the broker log. */
    public Path logFile() {
        return settings.dataDirectory().resolve("faultline.log");
    }

    /** Where vcpu-service listens, {@code host:port}. */
    public String vcpuAddress() {
        return vcpu.grpc();
    }

    /** Where pager-service listens, {@code host:port}. */
    public String pagerAddress() {
        return pager.grpc();
    }

    /** Why the swap store cannot be reached at this moment, as a sentence; null if it can. */
    public @Nullable String swapStoreOutage() {
        return swapStore == null ? null : swapStore.outage();
    }

    /** Where notifier-service listens, {@code host:port}. */
    public String notifierAddress() {
        return notifier.grpc();
    }

    /** Where vcpu-service's metrics and probes are read, {@code host:port}; the port is -1 if nowhere. */
    public String vcpuManagementAddress() {
        return vcpu.management();
    }

    /** Where pager-service's are. */
    public String pagerManagementAddress() {
        return pager.management();
    }

    /** Where notifier-service's are. */
    public String notifierManagementAddress() {
        return notifier.management();
    }

    /** The broker that holds the audit trail, {@code host:port}. */
    public String bootstrapServers() {
        return bootstrapServers;
    }

    /** The loop the services run on, for a client in this JVM that wants its hops without a wake-up. */
    public ServiceLoop loop() {
        return loop;
    }

    /** Ends the services in good order, those first that depend on others, so that their audit trail is whole; the broker stays. */
    public void closeServices() {
        while (!services.isEmpty()) {
            services.pop().close();
        }
    }

    /** Ends everything. */
    @Override
    public void close() {
        closeServices();
        if (broker != null) {
            broker.close();
        }
        loop.close();
    }

    /** Where a service listens. */
    private record Addresses(String grpc, String management) {
        static final Addresses NONE = new Addresses("", "");
    }
}
