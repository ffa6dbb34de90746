// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.pager.app;

import io.faultline.pager.app.config.PagerProperties;
import io.faultline.rpc.RpcConfiguration;
import io.faultline.telemetry.http.ManagementConfiguration;
import io.faultline.telemetry.trace.TraceConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;

/** The page plane as a process of its own, or inside another's. */
@SpringBootApplication(proxyBeanMethods = false)
@EnableConfigurationProperties(PagerProperties.class)
@Import({RpcConfiguration.class, ManagementConfiguration.class, TraceConfiguration.class})
public class PagerService {
    /** Starts the service with settings from {@code pager-service.yaml}, the environment and the arguments. */
    public static void main(String[] args) {
        start(args);
    }

    /** Starts the service in this JVM; closing the context stops it. */
    public static ConfigurableApplicationContext start(String... args) {
        return new SpringApplicationBuilder(PagerService.class)
                .web(WebApplicationType.NONE)
                .properties("spring.config.name=pager-service")
                .run(args);
    }
}
