// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.vcpu.app;

import io.faultline.audit.AuditConfiguration;
import io.faultline.rpc.RpcConfiguration;
import io.faultline.telemetry.http.ManagementConfiguration;
import io.faultline.telemetry.trace.TraceConfiguration;
import io.faultline.vcpu.app.config.VcpuProperties;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;

/** The fault plane as a process of its own, or inside another's. */
@SpringBootApplication(proxyBeanMethods = false)
@EnableConfigurationProperties(VcpuProperties.class)
@Import({RpcConfiguration.class, AuditConfiguration.class, ManagementConfiguration.class, TraceConfiguration.class})
public class VcpuService {
    /** Starts the service with settings from {@code vcpu-service.yaml}, the environment and the arguments. */
    public static void main(String[] args) {
        start(args);
    }

    /** Starts the service in this JVM; closing the context stops it. */
    public static ConfigurableApplicationContext start(String... args) {
        return new SpringApplicationBuilder(VcpuService.class)
                .web(WebApplicationType.NONE)
                .properties("spring.config.name=vcpu-service")
                .run(args);
    }
}
