// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.telemetry.http;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings {@code faultline.management.*}.
 *
 * @param address the address to listen on
 * @param port the port to listen on; 0 for any free one, -1 for no management port
 */
@ConfigurationProperties("faultline.management")
public record ManagementProperties(
        @DefaultValue("127.0.0.1") String address,
        @DefaultValue("-1") int port) {
    /** Refuses what is no port. */
    public ManagementProperties {
        if (port < -1 || port > 65_535) {
            throw new IllegalArgumentException(
                    "faultline.management.port: " + port + " (expected: 1 to 65535, 0 for any free port, -1 for none)");
        }
    }

    /** Whether there is a management port. */
    public boolean isEnabled() {
        return port >= 0;
    }
}
