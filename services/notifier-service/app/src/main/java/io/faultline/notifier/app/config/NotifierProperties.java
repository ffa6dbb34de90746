// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.notifier.app.config;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings {@code faultline.notifier.*}.
 *
 * @param vcpusMax the bound on vCPUs, of all vcpu-services together; creating one more is refused
 * @param guestStreamsMax the bound on guests connected at once; one more is turned away
 * @param drainMs how long a stop waits for guests and vcpu-services to be told, in milliseconds
 * @param ownerAwayMaxMs how long guests whose vcpu-service is gone wait for it before they are detached, in milliseconds
 */
@ConfigurationProperties("faultline.notifier")
public record NotifierProperties(
        @DefaultValue("16384") int vcpusMax,
        @DefaultValue("4096") int guestStreamsMax,
        @DefaultValue("1000") int drainMs,
        @DefaultValue("30000") int ownerAwayMaxMs) {

    /**
     * Checks every setting.
     *
     * @throws IllegalArgumentException naming the setting, its value and what is expected
     */
    public NotifierProperties {
        check("vcpus-max", vcpusMax, 1, 1 << 22);
        check("guest-streams-max", guestStreamsMax, 1, 1 << 20);
        check("drain-ms", drainMs, 0, 60_000);
        check("owner-away-max-ms", ownerAwayMaxMs, 1, 86_400_000);
    }

    private static void check(String name, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(
                    "faultline.notifier." + name + ": " + value + " (expected: " + min + " to " + max + ")");
        }
    }
}
