// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.telemetry;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * Which build of which service runs, as the meter {@code faultline.build.info}.
 *
 * @param service the service's name
 * @param version the version that it was built as
 */
public record BuildInfo(String service, String version) implements MeterBinder {
    /** The build that this class comes from. */
    public static BuildInfo of(String service) {
        Properties properties = new Properties();
        try (InputStream in = BuildInfo.class.getResourceAsStream("build.properties")) {
            if (in == null) {
                throw new IllegalStateException("build.properties: missing (expected: beside BuildInfo)");
            }
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new BuildInfo(service, properties.getProperty("version"));
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("faultline.build.info", () -> 1)
                .description("the build that runs")
                .tag("service", service)
                .tag("version", version)
                .register(registry);
    }
}
