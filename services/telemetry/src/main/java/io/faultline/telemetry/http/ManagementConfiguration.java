// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.telemetry.http;

import io.faultline.telemetry.BuildInfo;
import io.faultline.telemetry.Probes;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Gives a service its management port; the service imports this and has {@link Probes}. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ManagementProperties.class)
public class ManagementConfiguration {
    /** The build, named like the application. */
    @Bean
    public BuildInfo buildInfo(@Value("${spring.application.name:faultline}") String name) {
        return BuildInfo.of(name);
    }

    /** The port, open as long as the service runs. */
    @Bean
    public ManagementLifecycle managementLifecycle(
            ManagementProperties properties, PrometheusMeterRegistry registry, Probes probes, BuildInfo build) {
        return new ManagementLifecycle(build.service(), properties, new ManagementPages(registry, probes, build));
    }
}
