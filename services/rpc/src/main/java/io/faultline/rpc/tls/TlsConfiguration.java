// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc.tls;

import io.grpc.TlsServerCredentials.ClientAuth;
import io.netty.handler.ssl.util.KeyManagerFactoryWrapper;
import io.netty.handler.ssl.util.TrustManagerFactoryWrapper;
import java.net.InetAddress;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.ssl.SslBundleRegistrar;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.grpc.server.autoconfigure.GrpcServerProperties;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundleKey;
import org.springframework.boot.ssl.SslManagerBundle;
import org.springframework.boot.ssl.SslOptions;
import org.springframework.boot.ssl.SslStoreBundle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/** Has a service talk TLS, to its clients and to its peers, once it has been given a certificate. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(TlsProperties.class)
public class TlsConfiguration {
    private static final Logger log = LoggerFactory.getLogger(TlsConfiguration.class);
    private static final String BUNDLE = "faultline";

    /** What the service shows to its peers. */
    @Bean
    public PeerCredentials peerCredentials(TlsProperties properties) {
        return properties.isOn() ? TlsCredentials.load(properties.files()) : PeerCredentials.PLAIN_TEXT;
    }

    /** Looks for new certificates; without TLS there is nothing to look at. */
    @Bean
    TlsReload tlsReload(PeerCredentials credentials, TlsProperties properties) {
        return new TlsReload(credentials instanceof TlsCredentials tls ? tls : null, properties.reloadMs());
    }

    /** Shows for how long the certificate is good. */
    @Bean
    CertificateRemaining certificateRemaining(PeerCredentials credentials) {
        return new CertificateRemaining(credentials, InstantSource.system());
    }

    /** The service's credentials as Spring knows them. */
    @Bean
    SslBundleRegistrar faultlineBundle(PeerCredentials credentials) {
        return registry -> {
            if (credentials instanceof TlsCredentials tls) {
                registry.registerBundle(
                        BUNDLE,
                        SslBundle.of(
                                SslStoreBundle.NONE,
                                SslBundleKey.NONE,
                                SslOptions.NONE,
                                TlsCredentials.PROTOCOL,
                                SslManagerBundle.of(
                                        new KeyManagerFactoryWrapper(tls.keyManager()),
                                        new TrustManagerFactoryWrapper(tls.trustManager()))));
            }
        };
    }

    /** Has the gRPC server use them, and ask every client for its own. */
    @Bean
    static BeanPostProcessor tlsOnServer(Environment environment) {
        return new BeanPostProcessor() {
            @Override
            public Object postProcessAfterInitialization(Object bean, String name) {
                if (bean instanceof GrpcServerProperties server
                        && StringUtils.hasText(environment.getProperty("faultline.tls.certificate-file"))) {
                    server.getSsl().setEnabled(true);
                    server.getSsl().setBundle(BUNDLE);
                    server.getSsl().setClientAuth(ClientAuth.REQUIRE);
                }
                return bean;
            }
        };
    }

    /** Says that anyone who reaches the service may do everything, loudly where more than this machine may reach it. */
    @Bean
    SmartInitializingSingleton plainTextWarning(
            TlsProperties properties, ObjectProvider<GrpcServerProperties> servers) {
        return () -> {
            GrpcServerProperties server = servers.getIfAvailable();
            InetAddress address = server == null ? null : server.getAddress();
            if (properties.isOn()) {
                return;
            }
            if (address != null && address.isLoopbackAddress()) {
                log.info("plain text: everyone on this machine may do everything (docs/security.md)");
            } else {
                log.warn(
                        "PLAIN TEXT on {}: whoever reaches this port may do everything: register VMs, raise their faults, read"
                                + " their memory. Set faultline.tls.ca-file, certificate-file and key-file (docs/security.md)",
                        address == null ? "every address" : address.getHostAddress());
            }
        };
    }
}
