// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.telemetry.trace;

import io.faultline.telemetry.BuildInfo;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.time.Clock;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Lets a service send traces; the service imports this and has its {@link BuildInfo}. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(TelemetryProperties.class)
public class TraceConfiguration {
    /** Where the service's loop puts traced work. */
    @Bean
    public TraceQueue traceQueue(TelemetryProperties properties) {
        return properties.isOn() ? TraceQueue.on() : TraceQueue.off();
    }

    /** Who empties it; does nothing where no traces are sent. */
    @Bean(destroyMethod = "close")
    public SpanPublisher spanPublisher(TraceQueue queue, TelemetryProperties properties, BuildInfo build) {
        SpanExporter exporter =
                properties.isOn() ? SpanPublisher.otlp(properties.tracesUrl()) : SpanExporter.composite();
        SpanPublisher publisher =
                new SpanPublisher(queue, exporter, properties.otlpEndpoint(), build, Clock.systemUTC());
        if (properties.isOn()) {
            publisher.start();
        }
        return publisher;
    }

    /** What both count. */
    @Bean
    public MeterBinder traceMetrics(TraceQueue queue, SpanPublisher publisher) {
        return new TraceMetrics(queue, publisher);
    }
}
