// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.telemetry.trace;

import java.net.URI;
import java.net.URISyntaxException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings {@code faultline.telemetry.*}.
 *
 * @param otlpEndpoint the URL of an OpenTelemetry collector that takes OTLP over HTTP, without {@code /v1/traces}; empty for none
 */
@ConfigurationProperties("faultline.telemetry")
public record TelemetryProperties(@DefaultValue("") String otlpEndpoint) {
    /**
     * Checks the setting.
     *
     * @throws IllegalArgumentException naming the setting, its value and what is expected
     */
    public TelemetryProperties {
        if (!otlpEndpoint.isEmpty() && !isHttp(otlpEndpoint)) {
            throw new IllegalArgumentException(
                    "faultline.telemetry.otlp-endpoint: " + otlpEndpoint
                            + " (expected: http://HOST:PORT or https://HOST:PORT of a collector that takes OTLP over HTTP, or nothing)");
        }
    }

    /** Whether traces are sent. */
    public boolean isOn() {
        return !otlpEndpoint.isEmpty();
    }

    /** Where spans are posted, as the OpenTelemetry specification derives it from the endpoint. */
    String tracesUrl() {
        return otlpEndpoint + (otlpEndpoint.endsWith("/") ? "" : "/") + "v1/traces";
    }

    private static boolean isHttp(String endpoint) {
        URI uri = parsed(endpoint);
        return uri != null
                && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
                && uri.getHost() != null
                && uri.getRawQuery() == null
                && uri.getRawFragment() == null;
    }

    private static @Nullable URI parsed(String endpoint) {
        try {
            return new URI(endpoint);
        } catch (URISyntaxException e) {
            return null;
        }
    }
}
