// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.app;

import io.faultline.audit.AuditConfiguration;
import io.faultline.notifier.app.config.NotifierProperties;
import io.faultline.rpc.RpcConfiguration;
import io.faultline.telemetry.http.ManagementConfiguration;
import io.faultline.telemetry.trace.TraceConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;

/** The notification plane as a process of its own, or inside another's. */
@SpringBootApplication(proxyBeanMethods = false)
@EnableConfigurationProperties(NotifierProperties.class)
@Import({RpcConfiguration.class, AuditConfiguration.class, ManagementConfiguration.class, TraceConfiguration.class})
public class NotifierService {
    /** Starts the service with settings from {@code notifier-service.yaml}, the environment and the arguments. */
    public static void main(String[] args) {
        start(args);
    }

    /** Starts the service in this JVM; closing the context stops it. */
    public static ConfigurableApplicationContext start(String... args) {
        return new SpringApplicationBuilder(NotifierService.class)
                .web(WebApplicationType.NONE)
                .properties("spring.config.name=notifier-service")
                .run(args);
    }
}
