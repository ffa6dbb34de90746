// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.audit;

import io.micrometer.core.instrument.binder.MeterBinder;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Gives a service its {@link AuditLog}; the service imports this and declares an {@link AuditSource}. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(AuditProperties.class)
public class AuditConfiguration {
    /** The service's log. */
    @Bean
    public AuditLog auditLog(AuditSource source, AuditProperties properties) {
        return properties.enabled() ? KafkaAuditLog.open(source, properties) : new CountingAuditLog();
    }

    /** The log's metrics; a log that keeps no counts has none. */
    @Bean
    public MeterBinder auditMetrics(AuditLog log) {
        return log instanceof AuditCounts counts ? new AuditMetrics(counts) : registry -> {};
    }
}
