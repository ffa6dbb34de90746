// SPDX-FileCopyrightText: The Faultline authors
// SPDX-License-Identifier: Apache-2.0
package io.faultline.rpc;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings {@code faultline.rpc.*}: what clients may make a service's gRPC server hold. What they sent and the service has
 * not read takes at most {@code connectionsMax} times {@code windowBytes} of direct memory.
 *
 * @param connectionsMax the bound on connections; one more is closed at once
 * @param callsMax the bound on calls under way beside the streams of batches; one more is refused with RESOURCE_EXHAUSTED
 * @param windowBytes what a connection may send ahead of what the service reads, in bytes (HTTP/2's window)
 * @param messageMaxBytes the largest message that is taken, in bytes; a larger one is refused with RESOURCE_EXHAUSTED
 */
@ConfigurationProperties("faultline.rpc")
public record RpcProperties(
        @DefaultValue("256") int connectionsMax,
        @DefaultValue("256") int callsMax,
        @DefaultValue("262144") int windowBytes,
        @DefaultValue("2097152") int messageMaxBytes) {

    /**
     * Checks every setting.
     *
     * @throws IllegalArgumentException naming the setting, its value and what is expected
     */
    public RpcProperties {
        inRange("connections-max", connectionsMax, 1, 1 << 20);
        inRange("calls-max", callsMax, 1, 1 << 20);
        inRange("window-bytes", windowBytes, 1 << 14, 1 << 30);
        inRange("message-max-bytes", messageMaxBytes, 1 << 16, 1 << 26);
    }

    private static void inRange(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    "faultline.rpc." + name + ": " + value + " (expected: " + least + " to " + most + ")");
        }
    }
}
