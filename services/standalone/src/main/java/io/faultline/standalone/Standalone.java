// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.standalone;

import io.faultline.broker.EmbeddedBroker;
import io.faultline.notifier.app.NotifierService;
import io.faultline.pager.app.PagerService;
import io.faultline.rpc.ServiceLoop;
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
    private String bootstrapServers = "";
    private String vcpuAddress = "";
    private String pagerAddress = "";
    private String notifierAddress = "";

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
        progress.accept("pager-service (" + settings.swapStore() + ")");
        pagerAddress = start(
                PagerService.class,
                "pager-service",
                settings.ports().pager(),
                "--faultline.pager.store=" + settings.swapStore(),
                "--faultline.pager.dram-max-bytes=" + settings.dramMaxBytes(),
                "--faultline.pager.rocksdb-directory="
                        + settings.dataDirectory().resolve("rocksdb").toAbsolutePath());
        progress.accept("notifier-service");
        notifierAddress = start(
                NotifierService.class, "notifier-service", settings.ports().notifier());
        progress.accept("vcpu-service");
        vcpuAddress = start(
                VcpuService.class,
                "vcpu-service",
                settings.ports().vcpu(),
                "--faultline.vcpu.pager-target=" + pagerAddress,
                "--faultline.vcpu.notifier-target=" + notifierAddress);
    }

    private String start(Class<?> service, String name, int port, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "--spring.grpc.server.address=127.0.0.1",
                "--spring.grpc.server.port=" + port,
                "--faultline.audit.bootstrap-servers=" + bootstrapServers,
                "--faultline.audit.ring-steps=" + AUDIT_RING_STEPS,
                "--logging.file.name=" + logFile().toAbsolutePath(),
                "--logging.threshold.console=OFF"));
        arguments.addAll(List.of(more));
        ConfigurableApplicationContext context = new SpringApplicationBuilder(service)
                .properties("spring.config.name=" + name)
                .web(WebApplicationType.NONE)
                .registerShutdownHook(false)
                .initializers(made -> made.getBeanFactory().registerSingleton("serviceLoop", loop))
                .run(arguments.toArray(String[]::new));
        services.push(context);
        return "127.0.0.1:" + context.getBean(GrpcServerLifecycle.class).getPort();
    }

    /** Where the services and the broker log. */
    public Path logFile() {
        return settings.dataDirectory().resolve("faultline.log");
    }

    /** Where vcpu-service listens, {@code host:port}. */
    public String vcpuAddress() {
        return vcpuAddress;
    }

    /** Where pager-service listens, {@code host:port}. */
    public String pagerAddress() {
        return pagerAddress;
    }

    /** Where notifier-service listens, {@code host:port}. */
    public String notifierAddress() {
        return notifierAddress;
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
}
