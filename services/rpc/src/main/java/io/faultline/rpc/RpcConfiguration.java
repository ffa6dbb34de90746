// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import io.faultline.rpc.access.Access;
import io.faultline.rpc.tls.HandshakeWatch;
import io.faultline.rpc.tls.TlsConfiguration;
import io.faultline.rpc.tls.TlsProperties;
import io.faultline.telemetry.Probes;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.annotation.Order;
import org.springframework.grpc.server.ServerBuilderCustomizer;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;
import org.springframework.grpc.server.service.GrpcServiceConfigurer;

/**
 * Puts a service's gRPC server on its loop. A context that already holds a {@link ServiceLoop} (several services in one
 * JVM) shares that one, which its maker closes.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({RpcProperties.class, ClientProperties.class})
@Import(TlsConfiguration.class)
public class RpcConfiguration {
    /** A connection that breaks off more calls than these is closed: the work to open a call falls to us alone. */
    private static final int RESETS_MAX = 2_000;

    private static final int RESETS_WINDOW_S = 10;

    /** The service's loop, named like the application. */
    @Bean(destroyMethod = "close")
    @ConditionalOnMissingBean
    public ServiceLoop serviceLoop(@Value("${spring.application.name:faultline}") String name) {
        return ServiceLoop.start(name);
    }

    /** The loop's turn. */
    @Bean
    public Turn turn(ServiceLoop loop) {
        return new Turn(loop);
    }

    /** Watches the loop. */
    @Bean
    public LoopWatch loopWatch(ServiceLoop loop) {
        return new LoopWatch(loop);
    }

    /** What the service answers to its orchestrator. */
    @Bean
    public Probes probes(
            LoopWatch watch, ObjectProvider<GrpcServerLifecycle> server, ObjectProvider<HealthStatusManager> health) {
        List<GrpcServerLifecycle> servers = server.stream().toList();
        return new GrpcProbes(
                watch, () -> servers.stream().anyMatch(GrpcServerLifecycle::isRunning), health.getIfAvailable());
    }

    /** Says NOT_SERVING until the service has reached what it needs. */
    @Bean
    ServingOnceReached servingOnceReached(
            ServiceLoop loop, ObjectProvider<HealthStatusManager> health, ObjectProvider<StartNeed> needs) {
        return new ServingOnceReached(
                loop, health.getIfAvailable(), needs.orderedStream().toList());
    }

    /** The server's connections. */
    @Bean
    public ServerConnections serverConnections(RpcProperties properties) {
        return new ServerConnections(properties.connectionsMax(), new HandshakeWatch());
    }

    /** The server's clients, named by their certificates, or without TLS by their addresses. */
    @Bean
    public Clients clients(ServiceLoop loop, ClientProperties limits, TlsProperties tls) {
        ClientNames addresses = new PeerAddresses();
        return new Clients(limits, tls.isOn() ? new CertifiedNames(addresses) : addresses, loop::nowNs);
    }

    /** Has every service tell clients what is wrong with a message that cannot be read. */
    @Bean
    static BeanPostProcessor malformedMessagesRefused() {
        return new BeanPostProcessor() {
            @Override
            public Object postProcessAfterInitialization(Object bean, String name) {
                return bean instanceof GrpcServiceConfigurer services
                        ? (GrpcServiceConfigurer)
                                (spec, factory) -> MalformedMessages.refusing(services.configure(spec, factory))
                        : bean;
            }
        };
    }

    /** What each client is held to, whoever else there is. */
    @Bean
    @Order(1)
    public ServerBuilderCustomizer<NettyServerBuilder> clientsOnServer(
            ServiceLoop loop, Clients clients, ClientProperties limits) {
        return server -> server.addTransportFilter(clients)
                .maxConcurrentCallsPerConnection(limits.streamsMax() + limits.callsMax())
                .maxRstFramesPerWindow(RESETS_MAX, RESETS_WINDOW_S)
                .intercept(new RequestDeadline(loop, limits.requestTimeoutMs()))
                .intercept(new ClientLimits(loop, limits));
    }

    /** Runs every call on the loop, metered as the service says, refused ones too, and holds clients to the bounds. */
    @Bean
    @Order(2)
    public ServerBuilderCustomizer<NettyServerBuilder> serverOnLoop(
            ServiceLoop loop,
            RpcProperties properties,
            TlsProperties tls,
            ServerConnections connections,
            Clients clients,
            ObjectProvider<StreamMeters> streamMeters) {
        StreamMeters meters = streamMeters.getIfAvailable(StreamMeters::new);
        return server -> {
            Servers.onLoop(server, loop)
                    .channelFactory(() -> clients.bounding(connections.bounding(loop.serverChannel())))
                    .flowControlWindow(properties.windowBytes())
                    .maxInboundMessageSize(properties.messageMaxBytes())
                    .intercept(new CallLimit(properties.callsMax()));
            // Before what counts calls, so that a refused one is counted too.
            Access.on(server, tls.isOn());
            server.intercept(meters.server()).addStreamTracerFactory(meters.serverBytes());
        };
    }
}
